import type { Value } from '../../../ir/graph.js';
import { broadcastShapes, sameShape } from '../../../ir/shape.js';
import { Tensor } from '../../../ir/tensor.js';
import { any, constant, op } from '../../../passes/pattern.js';
import { decline, rule, type Rule } from '../../../passes/rule.js';
import { readAffineChain, type AffineChain } from './affine-chain.js';
import { carry, integersBehind } from './carried.js';
import { perChannel, scalarOf } from './integer-constants.js';

const requantisation = op('Clip', [op('Floor', [any('argument')], { as: 'floor' }), constant('lo'), constant('hi')], {
  as: 'clip',
});

/** Clip(Floor(((carried acc + bias) · scale) · 2^-shift)) → q.Bnorm (spec 1.2). */
export const liftBnorm: Rule = rule({
  name: 'lift-bnorm',
  match: requantisation,
  rewrite: ({ argument, lo, hi, floor }, to) => {
    const chain = readAffineChain(argument);
    const accumulator = integersBehind(chain?.base ?? argument);
    if (accumulator?.type.dtype !== 'int32') return decline('what is requantised is no integer accumulator', floor);
    const range = clipAttributes(lo, hi);
    if (range === undefined) return decline('the bounds are not integers', floor);
    const { shape } = accumulator.type;
    const lists = [
      integerList(chain?.bias && perChannel(chain.bias, shape.length), 0),
      integerList(chain?.scale && perChannel(chain.scale, shape.length), 1),
      integerList(chain?.shift && perChannel(chain.shift.value, shape.length) && chain.shift.shifts, 0),
    ];
    const [bias, scale, shift] = lists;
    if (bias === undefined || scale === undefined || shift === undefined || !allPerChannel(chain, shape.length)) {
      return decline('bias and scale are not per-channel integers', floor);
    }
    const inputs = [accumulator, to.constant(bias, 'bias'), to.constant(scale, 'scale'), to.constant(shift, 'shift')];
    return carry(to, to.op('q.Bnorm', inputs, range, { heir: true }));
  },
});

/** Clip(Floor(((x + bias) · scale) · 2^-shift)) of a float x → q.InputNorm (spec 1.4). */
export const liftInputNorm: Rule = rule({
  name: 'lift-input-norm',
  match: requantisation,
  rewrite: ({ argument, lo, hi, floor }, to) => {
    const chain = readAffineChain(argument);
    const x = chain?.base;
    if (chain === undefined || x === undefined || integersBehind(x) !== undefined || x.type.dtype !== 'float32') {
      return decline('what is quantised is no float tensor behind constants', floor);
    }
    const range = clipAttributes(lo, hi);
    if (range === undefined) return decline('the bounds are not integers', floor);
    const { bias, scale, shift } = chain;
    const constants = [bias, scale, shift?.value];
    const fits = (value: Value | undefined): boolean => {
      const joint = value && broadcastShapes(x.type.shape, value.type.shape);
      return value === undefined || (joint !== undefined && sameShape(joint, x.type.shape));
    };
    if (!constants.every(fits)) return decline('the constants enlarge the tensor', floor);
    const inputs = [
      x,
      bias ?? to.constant(Tensor.float32([], [0]), 'bias'),
      scale ?? to.constant(Tensor.float32([], [1]), 'scale'),
      to.constant(
        new Tensor('int32', shift?.value.constant.dims ?? [], Int32Array.from(shift?.shifts ?? [0])),
        'shift',
      ),
    ];
    return carry(to, to.op('q.InputNorm', inputs, range, { heir: true }));
  },
});

function clipAttributes(lo: Value, hi: Value): { readonly lo: number; readonly hi: number } | undefined {
  const least = scalarOf(lo);
  const most = scalarOf(hi);
  if (least === undefined || most === undefined || !Number.isInteger(least) || !Number.isInteger(most))
    return undefined;
  return least <= most && least >= -32768 && most <= 32767 ? { lo: least, hi: most } : undefined;
}

/** A list as int32; `fallback` where the chain has no such step; undefined when an element is no 32-bit integer. */
function integerList(values: readonly number[] | undefined, fallback: number): Tensor | undefined {
  const list = values ?? [fallback];
  if (!list.every((value) => Number.isInteger(value) && Math.abs(value) < 2 ** 31)) return undefined;
  return new Tensor('int32', [list.length], Int32Array.from(list));
}

/** Whether every constant of the chain is per channel; one that is not would have been taken for left out. */
const allPerChannel = (chain: AffineChain | undefined, rank: number): boolean =>
  [chain?.bias, chain?.scale, chain?.shift?.value].every(
    (value) => value === undefined || perChannel(value, rank) !== undefined,
  );
