import { decline, type Rule } from '../../../passes/rule.js';
import { activation } from './quantised-tensor.js';
import { boundAttributes, multiplierConstant, quantisedResult, resultOf, zeroConstant } from './quantisation-target.js';
import { readingRule } from './reading-rule.js';

const OPERATORS = ['Add', 'Sum', 'Sub', 'Mul'];

/** QuantizeLinear(Relu | Clip (Add | Sum | Sub | Mul of two DequantizeLinear)) → qa.Add or qa.Mul. */
export const liftSum: Rule = readingRule({
  name: 'lift-sum',
  roots: ['QuantizeLinear'],
  read: (root) => {
    const result = quantisedResult(root);
    if ('declined' in result) return undefined;
    const node = result.source.producer;
    if (node?.domain !== '' || !OPERATORS.includes(node.op)) return undefined;
    if (node.inputs.length !== 2) return decline('it adds more than two tensors', node);
    const [a, b] = [activation(node.inputs[0]), activation(node.inputs[1])];
    if (a === undefined || b === undefined) return undefined;
    return { node, a, b, target: result.target, nodes: [node, ...result.nodes] };
  },
  rewrite: ({ node, a, b, target }, to) => {
    const operands = [a, b].map(({ integers }) => integers);
    const zeros = [a, b].map(({ integers, zero }) => zeroConstant(to, { dtype: integers.type.dtype, zero }));
    const multipliers =
      node.op === 'Mul'
        ? [(a.scale * b.scale) / target.scale]
        : [a.scale / target.scale, (node.op === 'Sub' ? -b.scale : b.scale) / target.scale];
    const inputs = [
      ...operands,
      ...zeros,
      ...multipliers.map((multiplier) => multiplierConstant(to, [multiplier])),
      zeroConstant(to, target),
    ];
    return to.op(node.op === 'Mul' ? 'qa.Mul' : 'qa.Add', inputs, boundAttributes(target), resultOf(target));
  },
});
