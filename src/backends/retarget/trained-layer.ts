import { FLOAT32_EXACT } from '../tinpu/arithmetic/accumulators.js';
import type { LayerConstants, LayerInput } from '../tinpu/recipes/recipe.js';
import { integerBias } from '../tinpu/weights/channel-limits.js';
import { widthsOf, type ExactMultiplier } from '../tinpu/weights/multiplier.js';
import { rowsOf } from '../weights/layer-channels.js';
import { quantiseLayerWeights } from '../tinpu/weights/quantise-layer-weights.js';
import { keptMultiplier } from './keep-channel.js';
import { weightLevels } from './weight-levels.js';

/** A channel that keeps its own integers. */
interface KeptChannel {
  readonly levels: Float64Array;
  readonly multiplier: ExactMultiplier;
  readonly bias: number;
}

/**
 * Integers of a layer that was trained on some (spec 1.2): a channel keeps its own where the hardware has a multiplier for
 * them; the weights of the others are rounded to the scale of the least error. The bias is rounded with the half of the
 * shift either way.
 * @param scales weight scales that the layer was trained with; none for a layer that the model has in float
 */
export function quantiseTrainedLayer(input: LayerInput, scales: readonly number[]): LayerConstants {
  if (scales.length === 0) return quantiseLayerWeights(input);
  const { channels, outputScale, inputRange, bits } = input;
  const unit = outputScale / input.inputScale;
  const widths = widthsOf(bits);
  const limits = { widths, inputRange, outputScale, exactBound: FLOAT32_EXACT };
  const kept = rowsOf(input).map((weights, channel): KeptChannel | undefined => {
    const trained = weightLevels(weights, widths.limit, scales, [channel, channels]);
    if (trained?.levels.some((q) => q !== 0) !== true) return undefined;
    const bias = input.bias?.[channel] ?? 0;
    const multiplier = keptMultiplier(trained, bias, unit, limits);
    return multiplier && { levels: trained.levels, multiplier, bias: integerBias(bias, multiplier, outputScale) };
  });
  return mergeKept(input, kept, quantiseLayerWeights(withoutKept(input, kept)));
}

/** The layer with the weights of kept channels at 0, so that nothing is searched for them. */
function withoutKept(input: LayerInput, kept: readonly (KeptChannel | undefined)[]): LayerInput {
  const weights = input.weights.map((w, i) => (kept[input.channelOf(i)] === undefined ? w : 0));
  return { ...input, weights };
}

function mergeKept(
  { channels, channelOf, outputScale, inputScale }: LayerInput,
  kept: readonly (KeptChannel | undefined)[],
  others: LayerConstants,
): LayerConstants {
  const seen = new Int32Array(channels);
  const weights = others.weights.map((other, i) => {
    const channel = channelOf(i);
    const tap = seen[channel] ?? 0;
    seen[channel] = tap + 1;
    return kept[channel]?.levels[tap] ?? other;
  });
  const unit = outputScale / inputScale;
  return {
    weights,
    weightScale: others.weightScale.map((other, c) =>
      kept[c] === undefined ? other : kept[c].multiplier.value * unit,
    ),
    bias: others.bias.map((other, c) => kept[c]?.bias ?? other),
    scale: others.scale.map((other, c) => kept[c]?.multiplier.scale ?? other),
    shift: others.shift.map((other, c) => kept[c]?.multiplier.shift ?? other),
    moves: others.moves.filter(({ channel }) => kept[channel] === undefined),
  };
}
