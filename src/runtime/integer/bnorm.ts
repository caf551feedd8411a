import { activationType } from '../../ir/ops/quantised/operators.js';
import { numberData } from '../../ir/tensor.js';
import type { Kernel } from '../kernel.js';

/**
 * `q.Bnorm`. (acc + bias) · scale has up to 41 bits, within the integers a double holds exactly; the shift is a division
 * by a power of two, exact likewise, and Math.floor makes it arithmetic.
 */
export const bnorm: Kernel = (node, [acc, bias, scale, shift], arena) => {
  const lo = node.attrs.int('lo');
  const hi = node.attrs.int('hi');
  const { dims } = acc!;
  const [batch = 0, channels = 0] = dims;
  const result = arena.tensor(activationType(lo, hi), dims);
  const from = numberData(acc!)!;
  const into = numberData(result)!;
  const map = from.length === 0 ? 0 : from.length / (batch * channels);
  const biases = numberData(bias!)!;
  const scales = numberData(scale!)!;
  const shifts = numberData(shift!)!;
  for (let plane = 0; plane < batch * channels; plane++) {
    const channel = plane % channels;
    const b = biases[biases.length === 1 ? 0 : channel]!;
    const factor = scales[scales.length === 1 ? 0 : channel]! / 2 ** shifts[shifts.length === 1 ? 0 : channel]!;
    for (let i = plane * map; i < (plane + 1) * map; i++) {
      const value = Math.floor((from[i]! + b) * factor);
      into[i] = value < lo ? lo : value > hi ? hi : value;
    }
  }
  return [result];
};
