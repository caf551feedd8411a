import { activationType } from '../../ir/ops/quantised/operators.js';
import { sizeOf, stridesOf } from '../../ir/shape.js';
import { numberData, type Tensor } from '../../ir/tensor.js';
import type { Kernel } from '../kernel.js';

/** `q.InputNorm`: every step rounds to float32 (spec 1.4). */
export const inputNorm: Kernel = (node, [x, bias, multiplier, shift], arena) => {
  const lo = node.attrs.int('lo');
  const hi = node.attrs.int('hi');
  const { dims } = x!;
  const result = arena.tensor(activationType(lo, hi), dims);
  const from = numberData(x!)!;
  const into = numberData(result)!;
  const sample = sizeOf(dims.slice(1));
  const biases = spread(bias!, dims);
  const multipliers = spread(multiplier!, dims);
  const factors = spread(shift!, dims).map((n) => 2 ** -n);
  for (let i = 0, at = 0; i < from.length; i++, at = at + 1 === sample ? 0 : at + 1) {
    const product = Math.fround(Math.fround(from[i]! + biases[at]!) * multipliers[at]!);
    const value = Math.floor(Math.fround(product * factors[at]!));
    into[i] = value < lo ? lo : value > hi ? hi : value;
  }
  return [result];
};

/** A constant that broadcasts into [N, …dims], repeated for every element of one sample. */
function spread(constant: Tensor, dims: readonly number[]): Float32Array {
  const values = numberData(constant)!;
  const sample = dims.slice(1);
  const size = sizeOf(sample);
  const result = new Float32Array(size);
  if (values.length === 1) return result.fill(values[0]!);
  const strides = stridesOf(sample);
  const ownStrides = stridesOf(constant.dims);
  for (const [axis, stride] of strides.entries()) {
    const own = axis - sample.length + constant.rank;
    const extent = constant.dims[own] ?? 1;
    if (extent === 1) continue;
    const step = ownStrides[own]!;
    for (let i = 0; i < size; i++) result[i]! += (Math.floor(i / stride) % extent) * step;
  }
  for (let i = 0; i < size; i++) result[i] = values[result[i]!]!;
  return result;
}
