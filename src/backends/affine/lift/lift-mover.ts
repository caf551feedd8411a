import { isConstant } from '../../../ir/graph.js';
import { decline, type Rule } from '../../../passes/rule.js';
import { movedInputs, MOVERS } from '../../split/movers.js';
import { moveIntegers, moverObstacle } from './move-integers.js';
import { integersAt, movedInto } from './moved-into.js';
import { activation } from './quantised-tensor.js';
import { quantisedResult } from './quantisation-target.js';
import { readingRule } from './reading-rule.js';

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
    return moverObstacle(mover) ?? { mover, target: result.target, nodes: [mover, ...result.nodes] };
  },
  rewrite: ({ mover, target }, to) =>
    movedInto(target, to, (result) =>
      moveIntegers(mover, to, target.dtype, target.zero, (value) => integersAt(value, target, to), result),
    ),
});
