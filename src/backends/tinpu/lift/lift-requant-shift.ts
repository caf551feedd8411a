import type { ConstantValue, Value } from '../../../ir/graph.js';
import { broadcastShapes, isStatic } from '../../../ir/shape.js';
import { Tensor } from '../../../ir/tensor.js';
import { any, constant, op } from '../../../passes/pattern.js';
import { decline, rule, type Rule } from '../../../passes/rule.js';
import { constantStep } from './affine-chain.js';
import { carry, integersBehind } from './carried.js';
import { fitsActivation } from './clip-bounds.js';
import { spread } from './spread-constant.js';

/**
 * q.RequantShift(carried x) → the same on the integers. A constant that is added to x before, as the bias of a layer is,
 * becomes part of the addend.
 */
export const liftRequantShift: Rule = rule({
  name: 'lift-requant-shift',
  match: op('q.RequantShift', [any('argument'), constant('multiplier'), constant('addend')], { as: 'requantise' }),
  rewrite: ({ argument, multiplier, addend, requantise }, to) => {
    const step = argument.producer && constantStep(argument.producer);
    const bias = step?.op === 'Add' ? step.constant : undefined;
    const x = integersBehind(bias === undefined ? argument : (step?.data ?? argument));
    if (x === undefined) return decline('what is requantised is no integer', requantise);
    const range = { lo: requantise.attrs.int('lo'), hi: requantise.attrs.int('hi') };
    if (!fitsActivation(range)) return decline(`${range.lo} … ${range.hi} is no range of activations`, requantise);
    const factors = exactly(multiplier);
    const addends = bias === undefined ? exactly(addend) : sumOf(addend, bias, multiplier);
    if (factors === undefined || addends === undefined) return decline('its constants are not integers', requantise);
    const inputs = [x, to.constant(factors, multiplier.name), to.constant(addends, addend.name)];
    return carry(to, to.op('q.RequantShift', inputs, requantise.attrs, { heir: true }));
  },
});

/** The elements as 64-bit integers; undefined when they are none. */
function exactly({ constant: { dims, data } }: ConstantValue): Tensor<'int64'> | undefined {
  const items = data as ArrayLike<number | bigint>;
  const whole = Array.from(items).every((item) => typeof item === 'bigint' || Number.isInteger(item));
  return whole ? new Tensor('int64', dims, BigInt64Array.from(Array.from(items, BigInt))) : undefined;
}

/** addend + bias · multiplier, each broadcast to the shape that they have in common. */
function sumOf(addend: ConstantValue, bias: ConstantValue, multiplier: ConstantValue): Tensor<'int64'> | undefined {
  const parts = [addend, bias, multiplier].map(exactly);
  const shape = broadcastShapes(...[addend, bias, multiplier].map((value: Value) => value.type.shape));
  const [a, b, m] = parts.map((part) => part && shape && isStatic(shape) && spread(part, shape).data);
  if (!a || !b || !m || shape === undefined || !isStatic(shape)) return undefined;
  return new Tensor(
    'int64',
    shape,
    a.map((item, i) => item + (b[i] ?? 0n) * (m[i] ?? 0n)),
  );
}
