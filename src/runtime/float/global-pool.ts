import type { NumberArray } from '../../ir/dtype.js';
import type { Operator } from '../../ir/ops/operator.js';
import { globalAveragePool, globalMaxPool } from '../../ir/ops/pool.js';
import type { Kernel } from '../kernel.js';
import { numbersOf, roundShortFloats } from './buffers.js';
import { planned } from './plan.js';
import { present, resolveDims } from './resolve.js';

/** One value from the `size` elements of x at `from`. */
type Reduction = (x: NumberArray, from: number, size: number) => number;

/** The mean, summed in float64. */
export function meanOf(x: NumberArray, from: number, size: number): number {
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  const end = from + size;
  let i = from;
  for (; i + 3 < end; i += 4) {
    a += x[i]!;
    b += x[i + 1]!;
    c += x[i + 2]!;
    d += x[i + 3]!;
  }
  for (; i < end; i++) a += x[i]!;
  return (a + b + c + d) / size;
}

/** The largest element; NaN when there is one. */
function largestOf(x: NumberArray, from: number, size: number): number {
  let best = -Infinity;
  for (let i = from; i < from + size; i++) {
    const value = x[i]!;
    if (value > best || value !== value) best = value;
  }
  return best;
}

function globalPool(spec: Operator, reduce: Reduction): Kernel {
  const plan = planned((node, inputs) => resolveDims(spec, node, inputs));
  return (node, inputs, arena) => {
    const [dims = []] = plan(node, inputs);
    const tensor = present(inputs, 0);
    const result = arena.tensor(tensor.dtype, dims);
    const x = numbersOf(tensor);
    const y = numbersOf(result);
    const size = x.length / y.length;
    for (let i = 0; i < y.length; i++) y[i] = reduce(x, i * size, size);
    roundShortFloats(result);
    return [result];
  };
}

export const GLOBAL_POOL_KERNELS: readonly (readonly [string, Kernel])[] = [
  ['GlobalAveragePool', globalPool(globalAveragePool, meanOf)],
  ['GlobalMaxPool', globalPool(globalMaxPool, largestOf)],
];
