import { codeOfDType } from '../../ir/onnx/data-type.js';
import { having } from '../having.js';
import { op } from '../pattern.js';
import { rule, type Rule } from '../rule.js';

const OPERATORS = ['Gelu', 'Mish', 'Swish', 'GroupNormalization', 'RMSNormalization'];

/**
 * A function of floats of 16 bits that is to be spelt out → Cast, the same function of float32, Cast back, so that its
 * parts round to float32 and the result once more, to its own type.
 */
export const widenShortFloats: Rule = rule({
  name: 'widen-short-floats',
  match: having(op(OPERATORS, undefined, { as: 'node' }), ({ outputs: [result] }) =>
    result?.type.dtype === 'float16' || result?.type.dtype === 'bfloat16'
      ? undefined
      : 'its data are not floats of 16 bits',
  ),
  rewrite: ({ node }, to) => {
    const inputs = node.inputs.map(
      (input) => input && to.op('Cast', [input], { to: codeOfDType('float32') }, { part: 'operand' }),
    );
    const wide = to.op(node.op, inputs, node.attrs, { part: 'float32' });
    return to.op('Cast', [wide], { to: codeOfDType(node.outputs[0]?.type.dtype ?? 'float16') });
  },
});
