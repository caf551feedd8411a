import { MAX_BIAS_4, MAX_BIAS_8, MAX_SCALE, MAX_SHIFT } from '../arithmetic/requantisation.js';
import type { LayerShape, Range } from './layer.js';

/** Ranges of signed and unsigned integers of 8, 4 and 2 bits, and what a residual addition takes in (spec 1.2). */
const CLIPS: readonly Range[] = [
  [-128, 127],
  [0, 255],
  [-8, 7],
  [0, 15],
  [-2, 1],
  [0, 3],
];
const RESIDUAL: readonly Range[] = [[-512, 511]];

/** What of a BNORM's constants leaves the widths of spec 1.2, each with the nearest value within. */
export function requantisationRefusals({ requantisation, weightBits }: LayerShape): string[] {
  if (requantisation === undefined) return [];
  const { bias, scale, shift, clip, sum } = requantisation;
  const maxBias = weightBits === 8 ? MAX_BIAS_8 : MAX_BIAS_4;
  const beside = `with ${weightBits}-bit weights`;
  const refusals = [
    outside('bias', bias, [-maxBias - 1, maxBias], beside),
    outside('scale', scale, weightBits === 8 ? [1, 1] : [0, MAX_SCALE], beside),
    outside('shift', shift, [0, MAX_SHIFT]),
    clipRefusal(clip, sum === undefined ? CLIPS : RESIDUAL),
    sum === undefined ? undefined : clipRefusal(sum, CLIPS),
  ];
  return refusals.filter((refusal) => refusal !== undefined);
}

function outside(what: string, [least, most]: Range, [low, high]: Range, beside?: string): string | undefined {
  const end = beside === undefined ? '' : ` ${beside}`;
  if (most > high) return `${what} ${most}, at most ${high}${end}`;
  return least < low ? `${what} ${least}, at least ${low}${end}` : undefined;
}

/** An illegal range, and the legal one that differs least from it. */
function clipRefusal([low, high]: Range, accepted: readonly Range[]): string | undefined {
  const distance = ([least, most]: Range): number => Math.abs(least - low) + Math.abs(most - high);
  const [first, ...others] = accepted;
  if (first === undefined) return undefined;
  const nearest = others.reduce((best, range) => (distance(range) < distance(best) ? range : best), first);
  if (distance(nearest) === 0) return undefined;
  return `clip to ${low} … ${high}, nearest accepted ${nearest[0]} … ${nearest[1]}`;
}
