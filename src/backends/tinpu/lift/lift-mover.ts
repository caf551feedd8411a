import { integerRange } from '../../../ir/dtype.js';
import { isConstant, type Value } from '../../../ir/graph.js';
import { op } from '../../../passes/pattern.js';
import { decline, rule, type Builder, type Rule } from '../../../passes/rule.js';
import { TINPU_OPERATORS } from '../dialect.js';
import { bringsElements, isMover, movedTensors, MOVERS } from '../../split/movers.js';
import { carry, integersBehind } from './carried.js';
import { integerTensor } from './integer-constants.js';

/** A mover of carried integers → the same on the integers (spec 1.5, T12, T16, T17). */
export const liftMover: Rule = rule({
  name: 'lift-mover',
  match: op([...MOVERS], undefined, { as: 'mover' }),
  rewrite: ({ mover }, to) => {
    const tensors = movedTensors(mover).map(integersBehind);
    const [first] = tensors;
    if (first === undefined || !tensors.every((tensor) => tensor?.type.dtype === first.type.dtype)) {
      return decline('the tensors hold no integers of one type', mover);
    }
    const { dtype } = first.type;
    if (!isMover(mover)) return decline(`${mover.op} interpolates`, mover);
    if (mover.outputs.length > 1) return decline(`${mover.op} returns indices as well`, mover);
    if (TINPU_OPERATORS.get(mover.op)?.types?.includes(dtype) === false) {
      return decline(`${mover.op} does not take ${dtype}`, mover);
    }
    const inputs = mover.inputs.map((input, index) =>
      input !== undefined && bringsElements(mover.op, index) ? integersOf(input, first, to) : input,
    );
    if (inputs.some((input, index) => input === undefined && mover.inputs[index] !== undefined)) {
      return decline(`the constants are not integers of type ${dtype}`, mover);
    }
    return carry(to, to.op(mover.op, inputs, mover.attrs, { heir: true }));
  },
});

/** The integers of one tensor that is moved, a constant as the type of `like`. */
function integersOf(value: Value, { type: { dtype } }: Value, to: Builder): Value | undefined {
  if (!isConstant(value)) return integersBehind(value);
  const { lo, hi } = integerRange(dtype);
  const integers = integerTensor(value, dtype, lo, hi);
  return integers && to.constant(integers, value.name);
}
