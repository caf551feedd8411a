import { dtypeOfCode } from '../../ir/onnx/data-type.js';
import { Tensor } from '../../ir/tensor.js';
import { having } from '../having.js';
import { op } from '../pattern.js';
import { decline, rule, type Rule } from '../rule.js';

/**
 * QuantizeLinear with `output_dtype` (opset 21) → with a zero point of that type, 0 unless there is one; and
 * DequantizeLinear whose `output_dtype` (opset 23) is the type of its scale → without it.
 */
export const spellOutQuantizeLinear: Rule = rule({
  name: 'spell-out-quantize-linear',
  match: having(op(['QuantizeLinear', 'DequantizeLinear'], undefined, { as: 'node' }), ({ attrs }) =>
    attrs.int('output_dtype', 0) === 0 ? 'its types follow from its inputs' : undefined,
  ),
  rewrite: ({ node }, to) => {
    const [x, scale, zeroPoint] = node.inputs;
    const dtype = dtypeOfCode(node.attrs.int('output_dtype'));
    if (scale === undefined || dtype === undefined) return decline('it has no scale', node);
    const attrs = node.attrs.without('output_dtype');
    if (node.op === 'DequantizeLinear') {
      if (dtype !== scale.type.dtype) return decline(`its result is ${dtype}, its scale ${scale.type.dtype}`, node);
      return to.op(node.op, node.inputs, attrs);
    }
    if (zeroPoint !== undefined) return to.op(node.op, node.inputs, attrs);
    const { constant } = scale;
    if (constant === undefined) return decline('its scale is computed by the model', node);
    return to.op(node.op, [x, scale, to.constant(Tensor.zeros(dtype, constant.dims))], attrs);
  },
});
