import type { DType } from '../../ir/dtype.js';
import type { Kernel } from '../kernel.js';
import { bigIntsOf, floatBuffer, floatsOf, storeFloats, type FloatArray } from './floats.js';
import { present, resolveDims } from './resolve.js';
import { newResult } from './results.js';
import { specOf } from './specs.js';

/**
 * Brings every element into [lo, hi], where lo ≤ hi; NaN stays. A table takes the place of branches, which real data
 * make unpredictable.
 */
function clipFloats(x: FloatArray, y: FloatArray, lo: number, hi: number): void {
  const choice = Float64Array.of(0, lo, hi);
  for (let i = 0; i < x.length; i++) {
    const v = x[i]!;
    choice[0] = v;
    y[i] = choice[+(v < lo) + 2 * +(v > hi)]!;
  }
}

/** Largest finite value of each float type; a bound left out stands at it, which integers have no need of. */
const LARGEST = new Map<DType, number>([
  ['float32', 3.4028234663852886e38],
  ['float64', Number.MAX_VALUE],
  ['float16', 65504],
  ['bfloat16', 3.3895313892515355e38],
]);

/** Clip: min(max(x, lo), hi), so a lower bound above the upper one gives the upper. */
export const clipKernel: Kernel = (node, inputs, arena) => {
  resolveDims(specOf('Clip'), node, inputs);
  const x = present(inputs, 0);
  const [, low, high] = inputs;
  const result = newResult(node, arena, x.dims);
  const wide = bigIntsOf(x);
  if (wide !== undefined) {
    const target = bigIntsOf(result)!;
    const lo = low && bigIntsOf(low)![0]!;
    const hi = high && bigIntsOf(high)![0]!;
    for (let i = 0; i < wide.length; i++) {
      const v = wide[i]!;
      const raised = lo !== undefined && v < lo ? lo : v;
      target[i] = hi !== undefined && raised > hi ? hi : raised;
    }
    return [result];
  }
  const largest = LARGEST.get(x.dtype) ?? Infinity;
  const hi = high === undefined ? largest : floatsOf(high)[0]!;
  const lo = Math.min(low === undefined ? -largest : floatsOf(low)[0]!, hi);
  const values = floatBuffer(result);
  clipFloats(floatsOf(x), values, lo, hi);
  storeFloats(result, values);
  return [result];
};
