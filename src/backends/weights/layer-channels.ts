import type { GramMatrix } from '../../passes/calibration/gram.js';
import { biasCorrection } from './corrected-bias.js';
import type { Metric } from './metric.js';
import { refitTarget } from './refit-target.js';
import type { LayerWeights } from './weights-of.js';

/** One output channel to be quantised. */
export interface ChannelTask {
  /** What the integers are to come close to. */
  readonly weights: Float64Array;
  readonly metric: Metric;
  /** The real bias that goes with quantised weights (see `biasCorrection`). */
  readonly biasFor: (levels: Float64Array, scale: number) => number;
  /** How many scales a layer of many taps may try with error feedback. */
  readonly effort: number;
}

/** Integers of one channel, which stand for `scale` times themselves. */
export interface ChannelLevels {
  readonly levels: Float64Array;
  readonly scale: number;
}

/** The output channels of a layer that is quantised, on whatever moments of its input, in the way of a backend. */
export class LayerChannels<T extends ChannelLevels = ChannelLevels> {
  readonly count: number;
  /** Weights of a channel. */
  readonly taps: number;
  readonly #rows: readonly Float64Array[];
  readonly #biases: Float32Array | undefined;
  readonly #quantise: (task: ChannelTask) => T;

  constructor(input: Omit<LayerWeights, 'taps'>, quantise: (task: ChannelTask) => T) {
    this.#quantise = quantise;
    this.#biases = input.bias;
    this.#rows = rowsOf(input);
    this.count = this.#rows.length;
    this.taps = this.#rows[0]?.length ?? 0;
  }

  /** The weights of a channel, in the order of their indices. */
  weights(channel: number): Float64Array {
    return this.#rows[channel] ?? new Float64Array(this.taps);
  }

  bias(channel: number): number {
    return this.#biases?.[channel] ?? 0;
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

  quantise(channel: number, gram: GramMatrix | undefined, metric: Metric, effort: number): T {
    const weights = this.weights(channel);
    return this.#quantise({
      weights: gram === undefined ? weights : refitTarget(gram, this.group(channel, gram.groups), metric, weights),
      metric,
      biasFor: this.biasFor(channel, gram),
      effort,
    });
  }
}

/** The weights of each output channel, in the order of their indices. */
export function rowsOf({ weights, channels, channelOf }: Omit<LayerWeights, 'taps'>): Float64Array[] {
  const rows = Array.from({ length: channels }, (): number[] => []);
  for (const [i, weight] of weights.entries()) rows[channelOf(i)]?.push(weight);
  return rows.map((row) => Float64Array.from(row));
}
