import type { Graph, Node } from '../../ir/graph.js';
import type { Tensor } from '../../ir/tensor.js';
import type { BoundVector } from './bound-vector.js';
import { HYPOTHESES, isBnorm, type Cause, type Hypothesis } from './hypotheses.js';
import { fitsVector, type TensorVerdict } from './judge-vector.js';
import type { RunForm, VectorRunner } from './run-vector.js';

/** A cause that was tried: with it, the model gives all that was expected. */
export interface Explanation {
  readonly cause: Cause;
  readonly text: string;
  /** The layer that it is about, where it is one alone. */
  readonly layer?: string | undefined;
}

/** Most layers that are looked at one by one. */
const MOST_LAYERS = 8;

/**
 * The hypotheses under which every tensor of a vector is what was expected, each cause once. One about layers is tried on all
 * of them, then on each of those alone that compute the first tensor that differs from the last that is equal before it.
 * @param tensors verdicts in the order in which the model computes the tensors
 */
export function explainVector(
  runner: VectorRunner,
  graph: Graph,
  vector: BoundVector,
  tensors: readonly TensorVerdict[],
  tolerance: number,
): readonly Explanation[] {
  const causes = new Map<Cause, Explanation>();
  const layers = suspectLayers(runner, graph, tensors);
  const explains = (form: RunForm, changed: BoundVector): boolean =>
    fitsVector(changed, runner.runForm(changed, form), tolerance);
  for (const hypothesis of HYPOTHESES) {
    const { cause, text, inLayer } = hypothesis;
    if (causes.has(cause)) continue;
    if (explainsHeader(runner, vector, hypothesis, tolerance)) causes.set(cause, { cause, text });
    const changed = hypothesis.applies(graph) ? fedOtherwise(vector, hypothesis) : undefined;
    if (changed === undefined || causes.has(cause)) continue;
    if (explains(hypothesis, changed)) causes.set(cause, { cause, text });
    else if (inLayer !== undefined) {
      const layer = layers.find((node) => explains(inLayer(node), changed));
      if (layer !== undefined) causes.set(cause, { cause, text, layer: layer.name });
    }
  }
  return [...causes.values()];
}

/** None when there are too many to look at. */
function suspectLayers({ order }: VectorRunner, graph: Graph, tensors: readonly TensorVerdict[]): readonly Node[] {
  const placeOf = (index: number): number | undefined => {
    const tensor = tensors[index];
    return tensor?.kind === 'tensor' ? order.get(tensor.name) : undefined;
  };
  const first = tensors.findIndex(({ equal }) => !equal);
  const [from, to] = [placeOf(first - 1) ?? -1, placeOf(first) ?? Infinity];
  const layers = graph.nodes.filter((node) => {
    const place = order.get(node.outputs[0]?.name ?? '') ?? -1;
    return isBnorm(node) && place > from && place <= to;
  });
  return layers.length <= MOST_LAYERS ? layers : [];
}

/** Whether the truncation of C code in a header's input sequence gives what was expected. */
function explainsHeader(runner: VectorRunner, vector: BoundVector, { cause }: Hypothesis, tolerance: number): boolean {
  const { truncatedFeeds, expected } = vector;
  if (cause !== 'input-truncation') return false;
  if (truncatedFeeds === undefined && expected.every((item) => item.truncated === undefined)) return false;
  const changed: BoundVector = {
    ...vector,
    feeds: truncatedFeeds ?? vector.feeds,
    expected: expected.map((item) => (item.truncated === undefined ? item : { ...item, given: item.truncated })),
  };
  return fitsVector(changed, runner.run(changed), tolerance);
}

/** The vector with its inputs in another order or meaning; undefined where that changes nothing. */
function fedOtherwise(vector: BoundVector, { input }: Hypothesis): BoundVector | undefined {
  if (input === undefined) return vector;
  const feeds = new Map<string, Tensor>();
  let changed = false;
  for (const [name, tensor] of vector.feeds) {
    const other = input(tensor);
    changed ||= other !== undefined;
    feeds.set(name, other ?? tensor);
  }
  return changed ? { ...vector, feeds } : undefined;
}
