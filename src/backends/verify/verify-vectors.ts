import type { BoundVector } from './bound-vector.js';
import { dequantisedScales, explainScale, type OutputScale } from './explain-scale.js';
import { explainVector, type Explanation } from './explain-vector.js';
import { judgeVector, type TensorVerdict } from './judge-vector.js';
import type { NamedGraphs } from './model-names.js';
import { VectorRunner } from './run-vector.js';

/** What is said of one vector. */
export interface VectorVerdict {
  readonly label: string;
  readonly equal: boolean;
  /** Intermediate tensors in the order in which the model computes them, then the outputs. */
  readonly tensors: readonly TensorVerdict[];
  /** The first tensor in that order that differs. */
  readonly diverges: string | undefined;
  readonly explanations: readonly Explanation[];
}

/** How strictly vectors are compared, and how many are explained. */
export interface VerifyOptions {
  /** Differences up to this are none; 0. */
  readonly tolerance?: number | undefined;
  /** How many vectors that differ are explained; 4. */
  readonly explained?: number | undefined;
  /** How outputs stand for real values, by name, where the model tells. */
  readonly outputScales?: ReadonlyMap<string, OutputScale> | undefined;
  /** Called with the number of vectors done. */
  readonly progress?: ((vectors: number) => void) | undefined;
}

/** Runs a model on golden vectors and says of every tensor whether it is as expected (spec 4.4). */
export function verifyVectors(
  model: NamedGraphs,
  vectors: readonly BoundVector[],
  { tolerance = 0, explained = 4, outputScales = new Map(), progress }: VerifyOptions = {},
): readonly VectorVerdict[] {
  const runner = new VectorRunner(model);
  const scales = new Map([...dequantisedScales(model.graph), ...outputScales]);
  let left = explained;
  return vectors.map((vector, i) => {
    const results = runner.run(vector);
    const tensors = judgeVector(vector, results, runner.order, tolerance);
    const diverges = tensors.find(({ equal }) => !equal)?.name;
    const equal = diverges === undefined;
    const explanations: Explanation[] = [];
    if (!equal && left-- > 0) {
      const scaled = explainScale(vector, results, tensors, scales);
      // What is equal but for a scale needs no cause in the arithmetic, which few elements may fit by chance.
      explanations.push(...(scaled ? [scaled] : explainVector(runner, model.graph, vector, tensors, tolerance)));
    }
    progress?.(i + 1);
    return { label: vector.label, equal, tensors, diverges, explanations };
  });
}
