/** The integers that the weights of one channel are, and the scale that they are multiples of. */
export interface ChannelLevels {
  readonly scale: number;
  readonly levels: Float64Array;
}

/** How far a weight may be from a multiple of the scale, in steps: dequantisation and folding round to float32. */
const TOLERANCE = 1e-3;

/**
 * The integers within ±limit that stand behind real weights: multiples of one of the scales that the layer was trained with,
 * the one of the same position first, else of any part of the largest weight. Undefined where there are none.
 * @param channel position among `channels` output channels
 */
export function weightLevels(
  weights: Float64Array,
  limit: number,
  scales: readonly number[],
  [channel, channels]: readonly [channel: number, channels: number],
): ChannelLevels | undefined {
  let peak = 0;
  for (const w of weights) peak = Math.max(peak, Math.abs(w));
  if (!Number.isFinite(peak)) return undefined;
  if (peak === 0) return { scale: scaleAt(scales, channel, channels), levels: new Float64Array(weights.length) };
  const own = scaleAt(scales, channel, channels);
  const others = [...new Set(scales)].sort((a, b) => b - a);
  for (const scale of [own, ...others]) {
    const levels = multiplesOf(weights, scale, limit);
    if (levels !== undefined) return { scale, levels };
  }
  for (let k = 1; k <= limit; k++) {
    const levels = multiplesOf(weights, peak / k, limit);
    if (levels !== undefined) return { scale: peak / k, levels };
  }
  return undefined;
}

const scaleAt = (scales: readonly number[], channel: number, channels: number): number =>
  scales[scales.length === channels ? channel : 0] ?? 1;

function multiplesOf(weights: Float64Array, scale: number, limit: number): Float64Array | undefined {
  if (!(scale > 0)) return undefined;
  const levels = new Float64Array(weights.length);
  for (let i = 0; i < weights.length; i++) {
    const exact = (weights[i] ?? 0) / scale;
    const level = Math.round(exact);
    if (Math.abs(exact - level) > TOLERANCE || Math.abs(level) > limit) return undefined;
    levels[i] = level;
  }
  return levels;
}
