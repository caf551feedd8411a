import type { Node } from '../../ir/graph.js';
import { activationType } from '../../ir/ops/quantised/operators.js';
import { sizeOf, stridesOf } from '../../ir/shape.js';
import type { Tensor } from '../../ir/tensor.js';
import { numbersOf } from '../float/buffers.js';
import { planned } from '../float/plan.js';
import type { Kernel } from '../kernel.js';

/** Which element of a constant that broadcasts into [N, …] belongs to each element of one sample. */
export const places: (node: Node, inputs: readonly (Tensor | undefined)[]) => readonly Int32Array[] = planned(
  (_node, [x, ...constants]) => constants.map((constant) => placesOf(constant!.dims, x!.dims.slice(1))),
);

/** `q.InputNorm`: every step rounds to float32 (spec 1.4). */
export const inputNorm: Kernel = (node, inputs, arena) => {
  const [x, bias, multiplier, shift] = inputs;
  const lo = node.attrs.int('lo');
  const hi = node.attrs.int('hi');
  const result = arena.tensor(activationType(lo, hi), x!.dims);
  const from = numbersOf(x!);
  const into = numbersOf(result);
  const biases = numbersOf(bias!);
  const multipliers = numbersOf(multiplier!);
  const factors = Float64Array.from(numbersOf(shift!), (n) => 2 ** -n);
  const [biasAt, multiplierAt, factorAt] = places(node, inputs);
  const sample = sizeOf(x!.dims.slice(1));
  for (let i = 0, at = 0; i < from.length; i++, at = at + 1 === sample ? 0 : at + 1) {
    const sum = Math.fround(from[i]! + biases[biasAt![at]!]!);
    const product = Math.fround(sum * multipliers[multiplierAt![at]!]!);
    const value = Math.floor(Math.fround(product * factors[factorAt![at]!]!));
    into[i] = value < lo ? lo : value > hi ? hi : value;
  }
  return [result];
};

function placesOf(dims: readonly number[], sample: readonly number[]): Int32Array {
  const result = new Int32Array(sizeOf(sample));
  const strides = stridesOf(sample);
  const ownStrides = stridesOf(dims);
  for (const [axis, stride] of strides.entries()) {
    const own = axis - sample.length + dims.length;
    const extent = dims[own] ?? 1;
    if (extent === 1) continue;
    for (let i = 0; i < result.length; i++) result[i]! += (Math.floor(i / stride) % extent) * ownStrides[own]!;
  }
  return result;
}
