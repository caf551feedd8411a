import { activationType } from '../../ir/ops/quantised/operators.js';
import { sizeOf } from '../../ir/shape.js';
import { numbersOf } from '../float/buffers.js';
import { places } from '../integer/input-norm.js';
import type { Kernel } from '../kernel.js';

/** What a device may do to the bits below the point instead of the floor of spec 1.2; not asked where the shift is 0. */
export type Requantisation = (shifted: number) => number;

export interface BnormVariant {
  readonly round?: Requantisation;
  /** Leaves the bias out. */
  readonly withoutBias?: boolean;
  /** Rounds the sum and the product to float32. */
  readonly inFloat32?: boolean;
}

/** `q.Bnorm` as a device would compute it that rounds in another way, leaves out the bias, or computes in float32. */
export function bnormVariant({ round = Math.floor, withoutBias = false, inFloat32 = false }: BnormVariant): Kernel {
  const step = inFloat32 ? Math.fround : (value: number): number => value;
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
      const product = step(step(from[i]! + (withoutBias ? 0 : b!)) * s!);
      into[i] = Math.min(hi, Math.max(lo, n === 0 ? Math.floor(product) : round(product / 2 ** n!)));
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
