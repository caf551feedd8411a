import { violatedBy, type ChannelLimits } from '../tinpu/weights/channel-limits.js';
import { exactMultiplier, multipliersBetween, type ExactMultiplier } from '../tinpu/weights/multiplier.js';
import type { ChannelLevels } from './weight-levels.js';

/** The furthest that a multiplier may be from the trained one, as a factor: two neighbouring integers of 5 bits. */
const FURTHEST = 1 + 1 / 32;

/**
 * The multiplier closest to the trained s_w · s_x / s_y with which BNORM takes a channel's own integers (spec 1.2): a power
 * of two beside 8-bit weights, 8 bits over one beside narrower ones, fewer where the carrier asks for it (spec 1.6).
 * Undefined where the closest one would make other integers of the largest weights, or where a constraint forbids it.
 * @param unit weight scale of the multiplier 1: s_y / s_x
 * @param bias the real bias
 */
export function keptMultiplier(
  { scale, levels }: ChannelLevels,
  bias: number,
  unit: number,
  limits: ChannelLimits,
): ExactMultiplier | undefined {
  const wanted = scale / unit;
  const peak = levels.reduce((largest, q) => Math.max(largest, Math.abs(q)), 1);
  const furthest = Math.min(FURTHEST, 1 + 0.5 / peak);
  const candidates =
    limits.widths.maxScale === 1
      ? [exactMultiplier(1, Math.round(-Math.log2(wanted)))]
      : multipliersBetween(wanted / furthest, wanted * furthest, limits.widths.maxScale);
  return candidates
    .map((multiplier) => ({ multiplier, distance: Math.abs(Math.log(multiplier.value / wanted)) }))
    .filter(({ distance }) => distance < Math.log(furthest))
    .sort((a, b) => a.distance - b.distance)
    .map(({ multiplier }) => multiplier)
    .find((multiplier) => violatedBy(limits, multiplier, levels, bias) === undefined);
}
