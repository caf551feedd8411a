import { isConstant } from '../../../ir/graph.js';
import { decline, type Rule } from '../../../passes/rule.js';
import { integersAt, movedInto } from './moved-into.js';
import { activation } from './quantised-tensor.js';
import { quantisedResult } from './quantisation-target.js';
import { readingRule } from './reading-rule.js';

/** QuantizeLinear(Where of DequantizeLinear and constants) → Where of integers, each brought to the scale of the result first. */
export const liftWhere: Rule = readingRule({
  name: 'lift-where',
  roots: ['QuantizeLinear'],
  read: (root) => {
    const result = quantisedResult(root);
    if ('declined' in result) return undefined;
    const node = result.source.producer;
    if (node?.op !== 'Where' || node.domain !== '') return undefined;
    const [condition, ...branches] = node.inputs.filter((input) => input !== undefined);
    if (condition === undefined || !branches.some((branch) => activation(branch) !== undefined)) return undefined;
    const odd = branches.find((branch) => activation(branch) === undefined && !isConstant(branch));
    if (odd !== undefined) return decline(`'${odd.name}' is not dequantised from one scale`, node);
    return { condition, branches, target: result.target, nodes: [node, ...result.nodes] };
  },
  rewrite: ({ condition, branches, target }, to) =>
    movedInto(target, to, (result) =>
      to.op('Where', [condition, ...branches.map((branch) => integersAt(branch, target, to))], {}, result),
    ),
});
