import type { Node, Origin } from '../../ir/graph.js';
import { WIDTHS, weightLimit, type Bits } from '../quantisation.js';
import { weightsOf } from '../weights/weights-of.js';
import { integerForm } from '../tinpu/split/integer-form.js';
import { rowsOf } from '../weights/layer-channels.js';
import type { StrippedModel } from './stripped-model.js';
import { weightLevels, type ChannelLevels } from './weight-levels.js';

/** One output channel of a layer and the integers it was trained as, if they have the width of its weights. */
export interface TrainedChannel {
  readonly weights: Float64Array;
  readonly trained: ChannelLevels | undefined;
  /** Σ w². */
  readonly energy: number;
}

/** What a quantised model says of its layers' weights. */
export class TrainedWeightsIndex {
  readonly #weights: StrippedModel['weights'];
  readonly #channels = new Map<Node, Map<Bits, readonly TrainedChannel[]>>();

  constructor({ weights }: Pick<StrippedModel, 'weights'>) {
    this.#weights = weights;
  }

  /** The scales that the layers of some source nodes were trained with; none where the model has their weights in float. */
  scalesOf(origins: readonly Origin[] = []): readonly number[] {
    const found = origins.flatMap(({ index }) => this.#weights.get(index) ?? []);
    const [only] = found;
    return found.length === 1 && only !== undefined ? only.scales : found.flatMap(({ scales }) => scales);
  }

  isTrained({ origins }: Pick<Node, 'origins'>): boolean {
    return origins.some(({ index }) => this.#weights.has(index));
  }

  /** The narrowest width that holds the integers a layer was trained as, all of which are still to be found in its weights. */
  bitsOf(layer: Node): Bits | undefined {
    const peaks = layer.origins.flatMap(({ index }) => this.#weights.get(index)?.peak ?? []);
    if (peaks.length === 0 || integerForm(layer).kind !== 'layer') return undefined;
    const peak = Math.max(...peaks);
    return WIDTHS.toReversed().find(
      (bits) =>
        bits < 8 &&
        peak <= weightLimit(bits) &&
        this.channelsOf(layer, bits).every(({ trained }) => trained !== undefined),
    );
  }

  /** Channels of a Conv, ConvTranspose or Gemm with constant weights. */
  channelsOf(layer: Node, bits: Bits): readonly TrainedChannel[] {
    const byBits = this.#channels.get(layer) ?? new Map<Bits, readonly TrainedChannel[]>();
    this.#channels.set(layer, byBits);
    const known = byBits.get(bits);
    if (known !== undefined) return known;
    const scales = this.scalesOf(layer.origins);
    const rows = rowsOf(weightsOf(layer));
    const channels = rows.map((weights, channel) => ({
      weights,
      trained: this.isTrained(layer)
        ? weightLevels(weights, weightLimit(bits), scales, [channel, rows.length])
        : undefined,
      energy: weights.reduce((sum, w) => sum + w * w, 0),
    }));
    byBits.set(bits, channels);
    return channels;
  }
}
