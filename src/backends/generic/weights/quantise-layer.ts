import type { Node } from '../../../ir/graph.js';
import { sizeOf } from '../../../ir/shape.js';
import { roundHalfEven } from '../../../runtime/float/floats.js';
import { weightLimit, type Bits } from '../../quantisation.js';
import type { LayerMoments } from '../../weights/layer-moments.js';
import { quantiseChannels } from '../../weights/quantise-channels.js';
import { weightsOf, type LayerWeights } from '../../weights/weights-of.js';
import { quantiseChannel } from './quantise-channel.js';

/** What of a layer its integers are computed from. */
export interface LayerInput extends LayerMoments {
  /** A Conv, ConvTranspose, Gemm or MatMul with constant weights. */
  readonly layer: Node;
  /** Width of the weights. */
  readonly bits: Bits;
  readonly inputScale: number;
}

/** Integer constants of a layer: weights with a scale for every place on `axis`, biases in units of both scales (spec 3.4). */
export interface LayerConstants {
  readonly axis: number;
  readonly weights: Int8Array;
  readonly weightScale: Float32Array;
  /** For every output channel. */
  readonly bias: Int32Array;
  /** Input scale times weight scale, rounded to float32, for every output channel. */
  readonly biasScale: Float32Array;
}

/**
 * Integers of a layer with free scales: per channel the scale and integers with the least error of the layer's result that
 * the search finds; errors are fed back and the bias is corrected where moments of the input are at hand. Weights of a
 * grouped ConvTranspose share a scale across groups, since they share their place on the axis.
 */
export function quantiseLayer({ layer, bits, inputScale, ...moments }: LayerInput): LayerConstants {
  const own = weightsOf(layer);
  const axis = axisOf(layer);
  const shared = sharedScales(layer, own);
  const leastScale = (bias: number): number => Math.abs(bias) / inputScale / MOST_BIAS;
  const biases = own.bias ?? new Float32Array(own.channels);
  const input =
    shared === undefined ? { ...own, bits, ...moments } : { weights: own.weights, bias: undefined, ...shared, bits };
  const { integers, channels } = quantiseChannels(input, true, (task) => {
    const quantised = quantiseChannel({ ...task, limit: weightLimit(bits), bits, leastScale });
    return { ...quantised, bias: task.biasFor(quantised.levels, quantised.scale) };
  });
  const perPlace = channels.map(({ scale }, place) =>
    shared === undefined ? scale : Math.max(scale, ...biasesAt(biases, place, channels.length).map(leastScale)),
  );
  const weightScale = Float32Array.from(perPlace);
  const scaleOf = (channel: number): number => weightScale[channel % weightScale.length] ?? 1;
  const biasScale = Float32Array.from({ length: own.channels }, (_, channel) => inputScale * scaleOf(channel));
  const real = Array.from(biasScale, (_, channel) =>
    shared === undefined ? (channels[channel]?.bias ?? 0) : (biases[channel] ?? 0),
  );
  const bias = Int32Array.from(real, (b, channel) => roundHalfEven(b / (biasScale[channel] ?? 1)));
  return { axis, weights: integers, weightScale, bias, biasScale };
}

/** The axis of a layer's weights along which each place has a scale. */
export const axisOf = ({ op }: Node): number => (op === 'Conv' ? 0 : 1);

/** Biases stay this far below 32 bits, so that there is room for the products. */
const MOST_BIAS = 2 ** 30;

/** Output channels of a grouped ConvTranspose [C, M/group, …] that have one place on axis 1; undefined for any other layer. */
function sharedScales(
  { op, attrs, inputs }: Node,
  { weights }: LayerWeights,
): Pick<LayerWeights, 'channels' | 'channelOf'> | undefined {
  if (op !== 'ConvTranspose' || attrs.int('group', 1) === 1 || weights.length === 0) return undefined;
  const [, places = 1, ...kernel] = inputs[1]?.constant?.dims ?? [];
  const area = sizeOf(kernel);
  return { channels: places, channelOf: (i) => Math.floor(i / area) % places };
}

const biasesAt = (biases: Float32Array, place: number, places: number): number[] =>
  [...biases].filter((_, channel) => channel % places === place);
