import { activationType } from '../../ir/ops/quantised/operators.js';
import { sizeOf } from '../../ir/shape.js';
import { numbersOf } from '../float/buffers.js';
import { places } from '../integer/input-norm.js';
import type { Kernel } from '../kernel.js';

/** What a device may do to (acc + bias) · scale / 2^shift instead of the floor of spec 1.2. */
export type Requantisation = (shifted: number) => number;

/** `q.Bnorm` as a device would compute it that rounds in another way, or leaves out the bias. */
export function bnormVariant(round: Requantisation, withBias = true): Kernel {
  return (node, [acc, bias, scale, shift], arena) => {
    const lo = node.attrs.int('lo');
    const hi = node.attrs.int('hi');
    const { dims } = acc!;
    const result = arena.tensor(activationType(lo, hi), dims);
    const [from, into] = [numbersOf(acc!), numbersOf(result)];
    const lists = [bias!, scale!, shift!].map(numbersOf);
    const channels = dims[1]!;
    const map = sizeOf(dims.slice(2));
    for (let i = 0; i < from.length; i++) {
      const channel = Math.floor(i / map) % channels;
      const [b, s, n] = lists.map((list) => list[list.length === 1 ? 0 : channel]!);
      const value = round(((from[i]! + (withBias ? b! : 0)) * s!) / 2 ** n!);
      into[i] = Math.min(hi, Math.max(lo, value));
    }
    return [result];
  };
}

/** `q.InputNorm` with another way from (x + bias) · multiplier, in float32, to the integer. */
export function inputNormVariant(round: (product: number, factor: number) => number): Kernel {
  return (node, inputs, arena) => {
    const lo = node.attrs.int('lo');
    const hi = node.attrs.int('hi');
    const [x, ...constants] = inputs;
    const { dims } = x!;
    const result = arena.tensor(activationType(lo, hi), dims);
    const [from, into] = [numbersOf(x!), numbersOf(result)];
    const [bias, multiplier, shift] = constants.map((constant) => numbersOf(constant!));
    const [biasAt, multiplierAt, shiftAt] = places(node, inputs);
    const sample = sizeOf(dims.slice(1));
    for (let i = 0; i < from.length; i++) {
      const at = i % sample;
      const product = Math.fround(Math.fround(from[i]! + bias![biasAt![at]!]!) * multiplier![multiplierAt![at]!]!);
      into[i] = Math.min(hi, Math.max(lo, round(product, 2 ** -shift![shiftAt![at]!]!)));
    }
    return [result];
  };
}
