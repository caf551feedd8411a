import type { Value } from '../../../ir/graph.js';
import { ACTIVATION_TYPES } from '../../../ir/ops/quantised/facts.js';
import { broadcastShapes, sameShape } from '../../../ir/shape.js';
import { Tensor } from '../../../ir/tensor.js';
import { any, constant, either, op } from '../../../passes/pattern.js';
import { decline, rule, type Builder, type Rule } from '../../../passes/rule.js';
import { accumulatorOf } from '../arithmetic/accumulators.js';
import type { Interval } from '../arithmetic/integer-range.js';
import { readAffineChain } from './affine-chain.js';
import { carry, integersBehind } from './carried.js';
import { boundsOf, fitsActivation } from './clip-bounds.js';
import { readIntegerChain } from './integer-chain.js';

const floored = op('Floor', [any('argument')], { as: 'floor' });

/** A Relu may stand between a Floor and the Clip, where an exporter has left out the first of two. */
const requantisation = op(
  'Clip',
  [either(floored, op('Relu', [floored], { as: 'relu' })), constant('lo'), constant('hi')],
  {
    as: 'clip',
  },
);

/**
 * Clip(Floor(((carried acc + bias) · scale) · 2^-shift)) → q.Bnorm (spec 1.2). Where float32 rounds, which it does beyond
 * 2^24, the integers are those of the NPU. Activations, such as a residual sum, are accumulated by a convolution first.
 */
export const liftBnorm: Rule = rule({
  name: 'lift-bnorm',
  match: requantisation,
  rewrite: ({ argument, relu, lo, hi, floor }, to) => {
    const chain = readIntegerChain(argument);
    if (typeof chain === 'string') return decline(chain, floor);
    const sums = chain && sumsOf(chain.base, to);
    if (chain === undefined || sums === undefined)
      return decline('what is requantised is no integer accumulator', floor);
    const range = clipAttributes(lo, hi, relu !== undefined);
    if (range === undefined) return decline('the bounds are not integers', floor);
    const list = (name: 'bias' | 'scale' | 'shift'): Value =>
      to.constant(new Tensor('int32', [chain[name].length], Int32Array.from(chain[name])), name);
    const result = to.op('q.Bnorm', [sums, list('bias'), list('scale'), list('shift')], { ...range }, { heir: true });
    const reached = (result.producer && accumulatorOf(result.producer)?.bound) ?? 0;
    if (reached >= 2 ** 53) return decline(`the integers reach ${reached}, more than doubles hold exactly`, floor);
    return carry(to, result);
  },
});

/** Accumulators; maps of activations as the sums of one tap of weight 1 for each channel, which the NPU can requantise. */
function sumsOf(base: Value, to: Builder): Value | undefined {
  const { dtype, shape } = base.type;
  if (dtype === 'int32') return base;
  const [, channels] = shape;
  if (!ACTIVATION_TYPES.includes(dtype) || shape.length !== 4 || typeof channels !== 'number') return undefined;
  const ones = to.constant(new Tensor('int8', [channels, 1, 1, 1], new Int8Array(channels).fill(1)), 'ones');
  const window = { strides: [1, 1], pads: [0, 0, 0, 0], dilations: [1, 1], group: channels };
  return to.op('q.Conv', [base, ones], window, { part: 'accumulator' });
}

/** Clip(Floor(((x + bias) · scale) · 2^-shift)) of a float x → q.InputNorm (spec 1.4). */
export const liftInputNorm: Rule = rule({
  name: 'lift-input-norm',
  match: requantisation,
  rewrite: ({ argument, relu, lo, hi, floor }, to) => {
    const chain = readAffineChain(argument);
    const x = chain?.base;
    if (chain === undefined || x === undefined || integersBehind(x) !== undefined || x.type.dtype !== 'float32') {
      return decline('what is quantised is no float tensor behind constants', floor);
    }
    const range = clipAttributes(lo, hi, relu !== undefined);
    if (range === undefined) return decline('the bounds are not integers', floor);
    const bias = chain.bias ?? { name: 'bias', tensor: Tensor.float32([], [0]) };
    const scale = chain.scale ?? { name: 'scale', tensor: Tensor.float32([], [1]) };
    const shift = { name: 'shift', tensor: chain.shift ?? Tensor.zeros('int32', []) };
    const constants = [bias, scale, shift];
    const fits = ({ dims }: Tensor): boolean => {
      const joint = broadcastShapes(x.type.shape, dims);
      return joint !== undefined && sameShape(joint, x.type.shape);
    };
    if (!constants.every(({ tensor }) => fits(tensor))) return decline('the constants enlarge the tensor', floor);
    const inputs = [x, ...constants.map(({ name, tensor }) => to.constant(tensor, name))];
    return carry(to, to.op('q.InputNorm', inputs, { ...range }, { heir: true }));
  },
});

/** The bounds of a Clip, behind a Relu or not, when a clipping operator of the quantised dialect can have them. */
function clipAttributes(lo: Value, hi: Value, relu: boolean): Interval | undefined {
  const bounds = boundsOf('Clip', lo, hi);
  if (bounds === undefined || !fitsActivation(bounds)) return undefined;
  return relu ? { lo: Math.max(0, bounds.lo), hi: Math.max(0, bounds.hi) } : bounds;
}
