import { isConstant, type Value } from '../../../ir/graph.js';
import { Tensor } from '../../../ir/tensor.js';
import { decline, type Builder, type Rule } from '../../../passes/rule.js';
import { movedInputs, MOVERS } from '../../split/movers.js';
import { moveIntegers, moverObstacle } from './move-integers.js';
import { activation, quantisationOf } from './quantised-tensor.js';
import { boundAttributes, integerOf, quantisedResult, resultOf, type Target } from './quantisation-target.js';
import { readingRule } from './reading-rule.js';
import { rescaled } from './rescaled.js';
import { tableFor } from './table-for.js';

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
    return (
      moverObstacle(mover, result.target.dtype) ?? { mover, target: result.target, nodes: [mover, ...result.nodes] }
    );
  },
  rewrite: ({ mover, target }, to) => {
    const bounds = boundAttributes(target);
    const isBounded = Object.keys(bounds).length > 0;
    const result = isBounded ? { part: 'moved', quantisation: quantisationOf(target.dtype, target) } : resultOf(target);
    const moved = moveIntegers(mover, to, target.dtype, target.zero, (value) => integersOf(value, target, to), result);
    if (!isBounded) return moved;
    const { lo, hi } = target;
    const entries = tableFor(target.dtype, target.dtype, (x) => Math.min(Math.max(x, lo), hi));
    return to.op('qa.Table', [moved, to.constant(entries, 'table')], {}, resultOf(target));
  },
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
