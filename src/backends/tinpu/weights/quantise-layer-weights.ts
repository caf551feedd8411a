import { quantiseChannels } from '../../weights/quantise-channels.js';
import { FLOAT32_EXACT } from '../arithmetic/accumulators.js';
import type { LayerConstants, LayerInput } from '../recipes/recipe.js';
import { widthsOf } from './multiplier.js';
import { quantiseChannel } from './quantise-channel.js';

export interface WeightOptions {
  /** Whether weights may make up for the errors of others; by default they may. */
  readonly feedback?: boolean | undefined;
  /** Bound of (|accumulator| + |bias|) · scale; by default what float32 holds exactly (spec 1.6). */
  readonly exactBound?: number | undefined;
}

/**
 * Integers of a layer (spec 1.2) whose weights, in whatever layout, are rounded against scales that make every multiplier
 * s_w · s_x / s_y exactly scale / 2^shift. Per channel the scale and integers are those of the least error of the layer's
 * result that the search finds and all constraints admit. Where moments of the input are at hand, with taps in the order of
 * the weights of one channel, errors are fed back and the bias is corrected as well (see `biasCorrection`); else weights
 * round to nearest. It never fails: what had to give way is in `moves`.
 */
export function quantiseLayerWeights(
  input: LayerInput,
  { feedback = true, exactBound = FLOAT32_EXACT }: WeightOptions = {},
): LayerConstants {
  const { bits, outputScale } = input;
  const unit = outputScale / input.inputScale;
  const limits = { widths: widthsOf(bits), outputScale, inputRange: input.inputRange, exactBound };
  const { integers, channels } = quantiseChannels(input, feedback, (task) =>
    quantiseChannel({ ...task, unit, limits }),
  );
  return {
    weights: integers,
    weightScale: channels.map(({ scale }) => scale),
    bias: Int32Array.from(channels, ({ bias }) => bias),
    scale: Int32Array.from(channels, ({ multiplier }) => multiplier.scale),
    shift: Int32Array.from(channels, ({ multiplier }) => multiplier.shift),
    moves: channels.flatMap(({ move }, channel) => (move === undefined ? [] : [{ channel, ...move }])),
  };
}
