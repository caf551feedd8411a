import type { GramMatrix } from '../../../passes/calibration/gram.js';
import type { LayerInput } from '../recipes/recipe.js';
import type { ChannelLimits } from './channel-limits.js';
import { biasCorrection } from './corrected-bias.js';
import type { Metric } from './metric.js';
import { quantiseChannel, type QuantisedChannel } from './quantise-channel.js';
import { refitTarget } from './refit-target.js';

/** The output channels of a layer that is quantised, on whatever moments of its input. */
export class LayerChannels {
  readonly count: number;
  /** Weights of a channel. */
  readonly taps: number;
  readonly #rows: readonly Float64Array[];
  readonly #input: LayerInput;
  readonly #limits: ChannelLimits;

  constructor(input: LayerInput, limits: ChannelLimits) {
    this.#input = input;
    this.#limits = limits;
    this.#rows = rowsOf(input);
    this.count = this.#rows.length;
    this.taps = this.#rows[0]?.length ?? 0;
  }

  /** The weights of a channel, in the order of their indices. */
  weights(channel: number): Float64Array {
    return this.#rows[channel] ?? new Float64Array(this.taps);
  }

  bias(channel: number): number {
    return this.#input.bias?.[channel] ?? 0;
  }

  group(channel: number, groups: number): number {
    return Math.floor((channel * groups) / this.count);
  }

  /** At most `most` channels, spread evenly. */
  spread(most: number): number[] {
    const count = Math.min(most, this.count);
    return Array.from({ length: count }, (_, i) => Math.floor(((i + 0.5) * this.count) / count));
  }

  /** The bias of a channel as a function of its quantised weights. */
  biasFor(channel: number, gram: GramMatrix | undefined): (levels: Float64Array, scale: number) => number {
    return biasCorrection(gram, this.group(channel, gram?.groups ?? 1), this.weights(channel), this.bias(channel));
  }

  quantise(channel: number, gram: GramMatrix | undefined, metric: Metric, effort: number): QuantisedChannel {
    const { inputScale, outputScale } = this.#input;
    const weights = this.weights(channel);
    return quantiseChannel({
      weights: gram === undefined ? weights : refitTarget(gram, this.group(channel, gram.groups), metric, weights),
      metric,
      biasFor: this.biasFor(channel, gram),
      unit: outputScale / inputScale,
      limits: this.#limits,
      effort,
    });
  }
}

/** The weights of each output channel, in the order of their indices. */
export function rowsOf({
  weights,
  channels,
  channelOf,
}: Pick<LayerInput, 'weights' | 'channels' | 'channelOf'>): Float64Array[] {
  const rows = Array.from({ length: channels }, (): number[] => []);
  for (const [i, weight] of weights.entries()) rows[channelOf(i)]?.push(weight);
  return rows.map((row) => Float64Array.from(row));
}
