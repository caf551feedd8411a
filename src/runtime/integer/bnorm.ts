import type { NumberArray } from '../../ir/dtype.js';
import { activationType } from '../../ir/ops/quantised/operators.js';
import { numbersOf } from '../float/buffers.js';
import type { Kernel } from '../kernel.js';

/**
 * `q.Bnorm`. (acc + bias) · scale has up to 41 bits, within the integers a double holds exactly; the shift is a division
 * by a power of two, exact likewise, and Math.floor makes it arithmetic.
 */
export const bnorm: Kernel = (node, [acc, bias, scale, shift], arena) => {
  const lo = node.attrs.int('lo');
  const hi = node.attrs.int('hi');
  const { dims, data } = acc!;
  const [batch = 0, channels = 0] = dims;
  const result = arena.tensor(activationType(lo, hi), dims);
  const map = data.length === 0 ? 0 : data.length / (batch * channels);
  const biases = numbersOf(bias!);
  const scales = numbersOf(scale!);
  const shifts = numbersOf(shift!);
  const of = (list: NumberArray, channel: number): number => list[list.length === 1 ? 0 : channel]!;
  for (let plane = 0; plane < batch * channels; plane++) {
    const channel = plane % channels;
    const factor = of(scales, channel) / 2 ** of(shifts, channel);
    requantise(data as Int32Array, numbersOf(result), plane * map, map, of(biases, channel), factor, lo, hi);
  }
  return [result];
};

function requantise(
  from: Int32Array,
  into: NumberArray,
  at: number,
  length: number,
  bias: number,
  factor: number,
  lo: number,
  hi: number,
): void {
  for (let i = at; i < at + length; i++) {
    const value = Math.floor((from[i]! + bias) * factor);
    into[i] = value < lo ? lo : value > hi ? hi : value;
  }
}
