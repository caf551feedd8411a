import { planEinsum, einsum } from '../../ir/ops/einsum.js';
import type { Kernel } from '../kernel.js';
import { numbersOf, roundShortFloats } from './buffers.js';
import { planned } from './plan.js';
import { checked, present, resolveDims } from './resolve.js';

interface Tables {
  readonly dims: readonly number[];
  /** For each operand: where each element of the result begins, and where each term of its sum lies from there. */
  readonly operands: readonly { readonly from: Int32Array; readonly inner: Int32Array }[];
}

/** Offsets of all places in a grid of `sizes`, in row-major order. */
function offsets(sizes: readonly number[], strides: readonly number[]): Int32Array {
  let table = Int32Array.of(0);
  for (const [axis, size] of sizes.entries()) {
    const stride = strides[axis]!;
    const next = new Int32Array(table.length * size);
    for (let i = 0; i < next.length; i++) next[i] = table[Math.floor(i / size)]! + (i % size) * stride;
    table = next;
  }
  return table;
}

const planOf = planned((node, inputs): Tables => {
  const [dims = []] = resolveDims(einsum, node, inputs);
  const shapes = inputs.map((_, i) => present(inputs, i).dims);
  const { operands, result, sizes } = checked(() => planEinsum(node, shapes));
  const summed = [...sizes.keys()].filter((label) => !result.includes(label));
  const sizesOf = (labels: readonly string[]): number[] => labels.map((label) => Number(sizes.get(label)));
  return {
    dims,
    operands: operands.map((labels, i) => {
      const shape = shapes[i]!;
      const stride = (label: string): number =>
        labels.reduce((sum, own, axis) => {
          const step = shape.slice(axis + 1).reduce((a, b) => a * b, 1);
          return own === label && shape[axis] !== 1 ? sum + step : sum;
        }, 0);
      return {
        from: offsets(sizesOf(result), result.map(stride)),
        inner: offsets(sizesOf(summed), summed.map(stride)),
      };
    }),
  };
});

/** Products and sums are float64, the result rounds once; int32 wraps around. */
const kernel: Kernel = (node, inputs, arena) => {
  const { dims, operands } = planOf(node, inputs);
  const { dtype } = present(inputs, 0);
  const result = arena.tensor(dtype, dims);
  const y = numbersOf(result);
  const data = inputs.map((_, i) => numbersOf(present(inputs, i)));
  const whole = dtype === 'int32';
  const depth = operands[0]!.inner.length;
  for (let at = 0; at < y.length; at++) {
    let sum = 0;
    for (let k = 0; k < depth; k++) {
      let product = 1;
      for (let i = 0; i < data.length; i++) {
        const v = data[i]![operands[i]!.from[at]! + operands[i]!.inner[k]!]!;
        product = whole ? Math.imul(product, v) : product * v;
      }
      sum = whole ? (sum + product) | 0 : sum + product;
    }
    y[at] = sum;
  }
  roundShortFloats(result);
  return [result];
};

export const EINSUM_KERNELS: readonly (readonly [string, Kernel])[] = [['Einsum', kernel]];
