import { isConstant, type Value } from '../../../ir/graph.js';
import { ACTIVATION_TYPES } from '../../../ir/ops/quantised/facts.js';
import { activationType } from '../../../ir/ops/quantised/operators.js';
import { any, constant, maybe, op } from '../../../passes/pattern.js';
import { decline, rule, type Builder, type Rule } from '../../../passes/rule.js';
import { rangeOf, type Interval } from '../arithmetic/integer-range.js';
import { carry, integersBehind } from './carried.js';
import { boundsOf, fitsActivation } from './clip-bounds.js';
import { integerTensor } from './integer-constants.js';

const isActivation = (value: Value | undefined): value is Value =>
  value !== undefined && ACTIVATION_TYPES.includes(value.type.dtype);

/** All that the sum of two activations can be. */
export const sumRange = (a: Value, b: Value): Interval => {
  const [left, right] = [rangeOf(a), rangeOf(b)];
  return { lo: left.lo + right.lo, hi: left.hi + right.hi };
};

/**
 * Add(carried a, carried b) → q.Add with bounds that no sum exceeds, which the Relu or Clip behind it then narrows (spec
 * 1.2, 1.5, T13).
 */
export const liftAdd: Rule = rule({
  name: 'lift-add',
  match: op('Add', [any('a'), any('b')], { as: 'add' }),
  rewrite: ({ a, b, add }, to) => {
    const operands = [a, b].map(integersBehind);
    const [left, right] = operands;
    if (!isActivation(left) || !isActivation(right)) return decline('the terms are not both activations', add);
    const range = sumRange(left, right);
    if (!fitsActivation(range)) return decline(`the sum reaches ${range.lo} … ${range.hi}`, add);
    return carry(to, to.op('q.Add', [left, right], { ...range }, { heir: true }));
  },
});

/** Clip(Add(carried a, carried b)) of sums beyond 16 bits, or of an activation and integers that are constant → q.Add. */
export const liftClippedAdd: Rule = rule({
  name: 'lift-clipped-add',
  match: op('Clip', [op('Add', [any('a'), any('b')], { as: 'add' }), maybe(constant('min')), maybe(constant('max'))]),
  rewrite: ({ a, b, add, min, max }, to) => {
    const [left, right] = [integersOf(a, to), integersOf(b, to)];
    if (!isActivation(left) || !isActivation(right) || (isConstant(left) && isConstant(right))) {
      return decline('the terms are not activations', add);
    }
    const bounds = boundsOf('Clip', min, max);
    if (bounds === undefined || !fitsActivation(bounds)) return decline('the bounds are not 16-bit integers', add);
    return carry(to, to.op('q.Add', [left, right], { ...bounds }, { heir: true }));
  },
});

/** The activation behind a Cast, or a constant of integers as the narrowest activation. */
function integersOf(value: Value, to: Builder): Value | undefined {
  if (!isConstant(value)) return integersBehind(value);
  const { lo, hi } = rangeOf(value);
  const integers = fitsActivation({ lo, hi }) ? integerTensor(value, activationType(lo, hi), lo, hi) : undefined;
  return integers && to.constant(integers, value.name);
}
