import { opName, type Node, type Value } from '../../../ir/graph.js';
import { numberData } from '../../../ir/tensor.js';
import { sizeOf } from '../../../ir/shape.js';
import { rangeOf, type Interval } from './integer-range.js';
import { isMover, movedTensors } from '../../split/movers.js';

/** Integers beyond this magnitude are not all exact in float32. */
export const FLOAT32_EXACT: number = 2 ** 24;

/** The values an accumulator can take for whatever input, padding included. */
export interface Accumulator {
  /** Over all channels, before the bias. */
  readonly min: number;
  readonly max: number;
  /** The largest magnitude that any partial sum, the sum with bias, or that times the BNORM scale can reach. */
  readonly bound: number;
}

/**
 * Worst-case interval of the accumulator that a q.Bnorm requantises, from the weights and the range of the integers they
 * meet (spec 1.6); undefined for another node. Every partial sum lies within it, whatever the order, because each product's interval contains 0.
 */
export function accumulatorOf(bnorm: Node): Accumulator | undefined {
  if (opName(bnorm) !== 'q.Bnorm') return undefined;
  const [accumulator, bias, scale] = bnorm.inputs;
  const sum = accumulator && sourceOf(accumulator);
  const biases = bias?.constant && numberData(bias.constant);
  const scales = scale?.constant && numberData(scale.constant);
  const channels = sum && channelSums(sum);
  if (biases === undefined || scales === undefined || channels === undefined) return undefined;
  let min = 0;
  let max = 0;
  let bound = 0;
  for (const [channel, { lo, hi }] of channels.entries()) {
    min = Math.min(min, lo);
    max = Math.max(max, hi);
    const offset = Math.abs(biases[biases.length === 1 ? 0 : channel] ?? 0);
    const factor = Math.abs(scales[scales.length === 1 ? 0 : channel] ?? 1);
    bound = Math.max(bound, (Math.max(-lo, hi) + offset) * factor);
  }
  return { min, max, bound };
}

/** Whether the sums of an accumulating node stay within 32 bits, whatever the input; a map of unknown size may not. */
export function fitsAccumulator(node: Node): boolean {
  return channelSums(node)?.every(({ lo, hi }) => lo >= -(2 ** 31) && hi < 2 ** 31) ?? true;
}

/** Interval of each output channel of an accumulating node; a pool has one for all channels. */
function channelSums(node: Node): Interval[] | undefined {
  const [x, weight] = node.inputs;
  if (x === undefined) return undefined;
  const range = activationRange(x);
  switch (opName(node)) {
    case 'q.Conv':
    case 'q.MatMul':
      return weight && weightedSums(weight, node.op === 'Conv', range);
    case 'q.ConvTranspose':
      return weight && transposedSums(weight, node, range);
    case 'q.GlobalSum': {
      const sides = x.type.shape.slice(2).filter((side) => typeof side === 'number');
      return sides.length === 2 ? [repeat(range, sizeOf(sides))] : undefined;
    }
    default:
      return undefined;
  }
}

function weightedSums(weight: Value, convolution: boolean, { lo, hi }: Interval): Interval[] | undefined {
  const data = weight.constant && numberData(weight.constant);
  if (weight.constant === undefined || data === undefined) return undefined;
  const channels = weight.constant.dims[convolution ? 0 : 1] ?? 0;
  const taps = channels === 0 ? 0 : data.length / channels;
  return Array.from({ length: channels }, (_, channel) => {
    let least = 0;
    let most = 0;
    for (let tap = 0; tap < taps; tap++) {
      const w = data[convolution ? channel * taps + tap : tap * channels + channel] ?? 0;
      least += w > 0 ? w * lo : w * hi;
      most += w > 0 ? w * hi : w * lo;
    }
    return { lo: least, hi: most };
  });
}

/**
 * Intervals of a transposed convolution. An output element meets the taps of one phase alone: those whose offset leaves
 * the same remainder by the stride.
 */
function transposedSums(weight: Value, { attrs }: Node, { lo, hi }: Interval): Interval[] | undefined {
  const data = weight.constant && numberData(weight.constant);
  const [inputs = 0, perGroup = 0, height = 1, width = 1] = weight.constant?.dims ?? [];
  if (data === undefined) return undefined;
  const [strideY = 1, strideX = 1] = attrs.ints('strides');
  const [dilationY = 1, dilationX = 1] = attrs.ints('dilations');
  const group = attrs.int('group');
  const perInput = inputs / group;
  return Array.from({ length: perGroup * group }, (_, channel) => {
    const least = new Map<number, number>();
    const most = new Map<number, number>();
    const first = Math.floor(channel / perGroup) * perInput;
    for (let input = first; input < first + perInput; input++) {
      const kernel = (input * perGroup + (channel % perGroup)) * height * width;
      for (let tap = 0; tap < height * width; tap++) {
        const w = data[kernel + tap] ?? 0;
        const y = (Math.floor(tap / width) * dilationY) % strideY;
        const phase = y * strideX + (((tap % width) * dilationX) % strideX);
        least.set(phase, (least.get(phase) ?? 0) + (w > 0 ? w * lo : w * hi));
        most.set(phase, (most.get(phase) ?? 0) + (w > 0 ? w * hi : w * lo));
      }
    }
    return {
      lo: [...least.values()].reduce((a, b) => Math.min(a, b), 0),
      hi: [...most.values()].reduce((a, b) => Math.max(a, b), 0),
    };
  });
}

const repeat = ({ lo, hi }: Interval, times: number): Interval => ({ lo: lo * times, hi: hi * times });

/** Integers an accumulator meets: those of the tensor, and the 0 of padding and of unfinished sums. */
export function activationRange(value: Value): Interval {
  const { lo, hi } = rangeOf(value);
  return { lo: Math.min(0, lo), hi: Math.max(0, hi) };
}

/** The node that computes the integers of a value; movers of one tensor only hand them on. */
export function sourceOf(value: Value): Node | undefined {
  let { producer } = value;
  while (producer !== undefined && isMover(producer)) {
    const [source, other] = movedTensors(producer);
    if (source === undefined || other !== undefined) break;
    producer = source.producer;
  }
  return producer;
}

/** Whether a node sums windows or maps, which is an averaging pool together with its q.Bnorm (spec 1.3). */
export function isPool(node: Node): boolean {
  if (opName(node) === 'q.GlobalSum') return true;
  const weight = node.inputs[1]?.constant;
  if (opName(node) !== 'q.Conv' || weight?.dims[1] !== 1 || node.attrs.int('group') !== weight.dims[0]) return false;
  return numberData(weight)?.every((w) => w === 1) === true;
}
