import { opName, type Graph } from '../../ir/graph.js';
import type { BoundVector } from './bound-vector.js';
import type { Explanation } from './explain-vector.js';
import { numbersIn } from './elements.js';
import type { TensorVerdict } from './judge-vector.js';
import { resultKey, type Results } from './run-vector.js';

/** How the integers of an output stand for real values: real = scale · (integer − zeroPoint). */
export interface OutputScale {
  readonly scale: number;
  readonly zeroPoint: number;
}

/** The scales of outputs that the model itself dequantises, by name. */
export const dequantisedScales = ({ outputs }: Graph): ReadonlyMap<string, OutputScale> =>
  new Map(
    outputs.flatMap(({ name, value: { producer } }): [string, OutputScale][] =>
      producer !== undefined && opName(producer) === 'q.Dequantize'
        ? [[name, { scale: producer.attrs.float('scale'), zeroPoint: 0 }]]
        : [],
    ),
  );

/** Six printed digits, significant or behind the point; far from the next integer, which is one scale away. */
const [RELATIVE, ABSOLUTE] = [1e-5, 1e-6];

/**
 * The explanation of golden outputs that are real values of a model whose outputs are integers, or integers of a model whose
 * outputs are real, when all that differs is by one scale the same: the one the model tells, or the one of the largest
 * element where two elements of other magnitudes agree on it.
 * @param tensors verdicts on the vector
 * @param scales by name of the output, where the model tells
 */
export function explainScale(
  { expected }: BoundVector,
  results: Results,
  tensors: readonly TensorVerdict[],
  scales: ReadonlyMap<string, OutputScale>,
): Explanation | undefined {
  const differing = tensors.filter(({ equal }) => !equal);
  let found: Explanation | undefined;
  for (const { kind, name } of differing) {
    const golden = expected.find((item) => item.kind === 'output' && item.name === name)?.elements;
    const computed = results.get(resultKey({ kind, name }));
    if (kind !== 'output' || golden === undefined || computed === undefined) return undefined;
    const own = numbersIn(computed);
    const told = scales.get(name);
    const dequantised = scaleBetween(own, golden, told);
    const scale = dequantised ?? scaleBetween(golden, own, told);
    if (scale === undefined) return undefined;
    found ??=
      dequantised === undefined
        ? {
            cause: 'integer-outputs',
            text: `the golden outputs are integers, the model's are real: ${shown(scale)} times those`,
          }
        : {
            cause: 'real-outputs',
            text: `the golden outputs are real: ${shown(scale)} times the integers that the model computes`,
          };
  }
  return found;
}

const shown = (scale: number): string => String(Number(scale.toPrecision(6)));

/** The scale by which integers are real values; undefined for none that all elements agree on. */
function scaleBetween(
  integers: ArrayLike<number>,
  reals: ArrayLike<number>,
  told: OutputScale | undefined,
): number | undefined {
  const zeroPoint = told?.zeroPoint ?? 0;
  const steps = Array.from(integers, (value) => value - zeroPoint);
  if (!steps.every(Number.isInteger)) return undefined;
  const magnitudes = steps.map(Math.abs);
  const pivot = magnitudes.reduce((best, magnitude, i) => (magnitude > (magnitudes[best] ?? 0) ? i : best), 0);
  if (told === undefined && new Set(magnitudes.filter((magnitude) => magnitude > 0)).size < 2) return undefined;
  const scale = told?.scale ?? (reals[pivot] ?? 0) / (steps[pivot] ?? 0);
  if (!(scale > 0 && scale < Infinity) || scale === 1) return undefined;
  const fits = steps.every((step, i) => {
    const real = reals[i] ?? NaN;
    return Math.abs(real - step * scale) <= RELATIVE * Math.abs(real) + Math.min(ABSOLUTE, scale / 100);
  });
  return fits ? scale : undefined;
}
