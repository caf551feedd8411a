import { isConstant, type Value } from '../../../ir/graph.js';
import { Tensor } from '../../../ir/tensor.js';
import { decline, type Builder, type Rule } from '../../../passes/rule.js';
import { movedInputs, MOVERS } from '../../split/movers.js';
import { moveIntegers, moverObstacle } from './move-integers.js';
import { activation } from './quantised-tensor.js';
import { boundAttributes, integerOf, quantisedResult, resultOf, type Target } from './quantisation-target.js';
import { readingRule } from './reading-rule.js';
import { rescaled } from './rescaled.js';

/**
 * QuantizeLinear(mover of DequantizeLinear and constants) → the mover on integers, each operand brought to the scale of
 * the result first: quantising is monotone, so it passes maxima too.
 */
export const liftMover: Rule = readingRule({
  name: 'lift-mover',
  roots: ['QuantizeLinear'],
  read: (root) => {
    const result = quantisedResult(root);
    if ('declined' in result) return undefined;
    const mover = result.source.producer;
    if (mover?.domain !== '' || !MOVERS.has(mover.op)) return undefined;
    const operands = movedInputs(mover);
    if (!operands.some((operand) => activation(operand) !== undefined)) return undefined;
    const odd = operands.find((operand) => activation(operand) === undefined && !isConstant(operand));
    if (odd !== undefined) return decline(`'${odd.name}' is not dequantised from one scale`, mover);
    if (Object.keys(boundAttributes(result.target)).length > 0) return decline('the result is bounded', mover);
    return moverObstacle(mover, result.target.dtype) ?? { mover, target: result.target, nodes: [mover] };
  },
  rewrite: ({ mover, target }, to) =>
    moveIntegers(mover, to, target.dtype, target.zero, (value) => integersOf(value, target, to), resultOf(target)),
});

/** The integers of an operand at the scale of the target. */
function integersOf(value: Value, target: Target, to: Builder): Value {
  if (isConstant(value)) {
    const integers = Tensor.zeros(target.dtype, value.constant.dims);
    for (const [i, real] of value.constant.toNumbers().entries()) integers.data[i] = integerOf(real, target);
    return to.constant(integers, value.name);
  }
  const x = activation(value);
  return x === undefined ? value : rescaled(x, target, to);
}
