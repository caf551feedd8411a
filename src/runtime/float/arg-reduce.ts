import type { TypedArray } from '../../ir/dtype.js';
import { reducedShape } from '../../ir/ops/reduce.js';
import { normaliseAxis } from '../../ir/shape.js';
import { ExecutionFault, type Kernel } from '../kernel.js';
import { linesAlong } from './lines.js';
import { present } from './resolve.js';
import { newResult } from './results.js';

/** Place of the extreme element of a line; NaN counts as more extreme than any number. */
function extreme(x: TypedArray, at: number, step: number, n: number, largest: boolean, last: boolean): number {
  let best = 0;
  for (let i = 1; i < n; i++) {
    const v = x[at + i * step]!;
    const b = x[at + best * step]!;
    if (v !== v ? last || b === b : (largest ? v > b : v < b) || (last && v === b)) best = i;
  }
  return best;
}

function argReduction(largest: boolean): Kernel {
  return (node, inputs, arena) => {
    const x = present(inputs, 0);
    const axis = normaliseAxis(node.attrs.int('axis', 0), x.rank)!;
    const { outer, size, inner } = linesAlong(x.dims, axis);
    const dims = reducedShape(x.dims, [axis], node.attrs.int('keepdims', 1) === 1) as number[];
    const result = newResult(node, arena, dims);
    if (size === 0 && result.size > 0) throw new ExecutionFault(`${node.op} along an axis of size 0 has no result`);
    const last = node.attrs.int('select_last_index', 0) === 1;
    const y = result.data as BigInt64Array;
    for (let o = 0; o < outer; o++) {
      for (let i = 0; i < inner; i++) {
        y[o * inner + i] = BigInt(extreme(x.data, o * size * inner + i, inner, size, largest, last));
      }
    }
    return [result];
  };
}

export const ARG_REDUCE_KERNELS: readonly (readonly [string, Kernel])[] = [
  ['ArgMax', argReduction(true)],
  ['ArgMin', argReduction(false)],
];
