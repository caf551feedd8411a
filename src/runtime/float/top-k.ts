import type { TypedArray } from '../../ir/dtype.js';
import { normaliseAxis } from '../../ir/shape.js';
import type { Kernel } from '../kernel.js';
import { linesAlong } from './lines.js';
import { present, resolveDims } from './resolve.js';
import { newResult } from './results.js';
import { specOf } from './specs.js';

/** Order of elements by value, smallest first, NaN last. */
function compare(a: number | bigint, b: number | bigint): number {
  if (a < b) return -1;
  if (a > b) return 1;
  return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
}

/** TopK: sorts every line by value and then by index. */
export const topKKernel: Kernel = (node, inputs, arena) => {
  const x = present(inputs, 0);
  const [dims] = resolveDims(specOf('TopK'), node, inputs);
  const axis = normaliseAxis(node.attrs.int('axis', -1), x.rank)!;
  const { outer, size, inner } = linesAlong(x.dims, axis);
  const k = dims![axis]!;
  const sign = node.attrs.int('largest', 1) === 1 ? -1 : 1;
  const values = newResult(node, arena, dims!);
  const results = [values];
  const places = new BigInt64Array(values.size);
  const { data }: { data: TypedArray } = x;
  const picked = values.data as Record<number, number | bigint>;
  const order = Array.from({ length: size }, (_, i) => i);
  for (let o = 0; o < outer; o++) {
    for (let i = 0; i < inner; i++) {
      const from = o * size * inner + i;
      const sorted = order.toSorted(
        (a, b) => sign * compare(data[from + a * inner]!, data[from + b * inner]!) || a - b,
      );
      for (let rank = 0; rank < k; rank++) {
        const to = o * k * inner + i + rank * inner;
        picked[to] = data[from + sorted[rank]! * inner]!;
        places[to] = BigInt(sorted[rank]!);
      }
    }
  }
  if (node.outputs.length > 1) {
    const indices = newResult(node, arena, dims!, 1);
    (indices.data as BigInt64Array).set(places);
    results.push(indices);
  }
  return results;
};
