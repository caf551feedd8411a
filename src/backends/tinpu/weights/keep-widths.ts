import { FLOAT32_EXACT } from '../arithmetic/accumulators.js';
import type { LayerConstants, LayerInput, WeightConstraint, WeightMove } from '../recipes/recipe.js';
import { accumulatorPeak } from './channel-limits.js';
import { widthsOf } from './multiplier.js';
import { quantiseLayerWeights } from './quantise-layer-weights.js';

/**
 * The constants of a recipe, but for channels that break a constraint (spec 1.2, 1.6): those are quantised anew with a scale
 * that keeps it, and say so in `moves`.
 */
export function keepWidths(input: LayerInput, constants: LayerConstants): LayerConstants {
  const broken = brokenChannels(input, constants);
  if (broken.size === 0) return constants;
  const own = quantiseLayerWeights(input);
  const chosen = <T extends Int32Array | number[]>(mine: T, theirs: T): T =>
    mine.map((item, channel) => (broken.has(channel) ? (theirs[channel] ?? item) : item)) as T;
  const moves = [...broken].map(([channel, constraint]): WeightMove => {
    const [from, to] = [constants.weightScale[channel] ?? 1, own.weightScale[channel] ?? 1];
    return { channel, constraint, from, to, costDb: Math.max(0, 20 * Math.log10(to / from)) };
  });
  return {
    weights: constants.weights.map((w, i) => (broken.has(input.channelOf(i)) ? (own.weights[i] ?? w) : w)),
    weightScale: chosen([...constants.weightScale], [...own.weightScale]),
    bias: chosen(constants.bias, own.bias),
    scale: chosen(constants.scale, own.scale),
    shift: chosen(constants.shift, own.shift),
    moves,
  };
}

/** Channels whose integers leave the hardware's widths or what float32 holds, with the first constraint that they break. */
function brokenChannels(
  { channels, channelOf, bits, inputRange }: LayerInput,
  { weights, bias, scale }: LayerConstants,
): ReadonlyMap<number, WeightConstraint> {
  const rows = Array.from({ length: channels }, (): number[] => []);
  for (const [i, weight] of weights.entries()) rows[channelOf(i)]?.push(weight);
  const { maxBias, maxScale } = widthsOf(bits);
  const broken = new Map<number, WeightConstraint>();
  for (const [channel, row] of rows.entries()) {
    const offset = bias[channel] ?? 0;
    const factor = scale[channel] ?? 1;
    const reach = accumulatorPeak(Float64Array.from(row), inputRange) + Math.abs(offset);
    if (factor > maxScale) broken.set(channel, 'multiplier-range');
    else if (offset > maxBias || offset < -maxBias - 1) broken.set(channel, 'bias-width');
    else if (reach >= 2 ** 31) broken.set(channel, 'accumulator-width');
    else if (reach * factor > FLOAT32_EXACT) broken.set(channel, 'carrier');
  }
  return broken;
}
