import type { Node } from '../../ir/graph.js';
import { sameShape } from '../../ir/shape.js';
import type { Tensor } from '../../ir/tensor.js';
import { having } from '../having.js';
import { ARITHMETIC, dataOperand, readAffine } from '../linear/affine.js';
import { isDecline } from '../linear/fold.js';
import { op } from '../pattern.js';
import { decline, rule, type Rule } from '../rule.js';

/** x + 0, x - 0, x · 1, x / 1, x ^ 1 and a BatchNormalization that scales by 1 and shifts by 0 → x. */
export const dropNeutralArithmetic: Rule = rule({
  name: 'drop-neutral-arithmetic',
  match: having(op([...ARITHMETIC, 'Pow', 'BatchNormalization'], undefined, { as: 'node' }), (node) =>
    isNeutral(node) ? undefined : 'it changes its input',
  ),
  rewrite: ({ node }) => {
    if (node.op === 'BatchNormalization') return node.inputs[0] ?? decline('it has no input', node);
    return dataOperand(node)?.data ?? decline('neither operand is constant', node);
  },
});

function isNeutral(node: Node): boolean {
  if (node.op === 'BatchNormalization') {
    const affine = readAffine(node);
    return !isDecline(affine) && affine.scale.every((s) => s === 1) && affine.shift.every((t) => t === 0);
  }
  const operands = dataOperand(node);
  const [result] = node.outputs;
  const tensor = operands?.constant.constant;
  if (operands === undefined || result === undefined || tensor === undefined) return false;
  if (!sameShape(result.type.shape, operands.data.type.shape)) return false;
  if (operands.place === 1 && ['Sub', 'Div', 'Pow'].includes(node.op)) return false;
  return consistsOf(tensor, node.op === 'Add' || node.op === 'Sub' ? 0 : 1);
}

function consistsOf({ data }: Tensor, value: 0 | 1): boolean {
  for (const element of data) if (Number(element) !== value) return false;
  return true;
}
