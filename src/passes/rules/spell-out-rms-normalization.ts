import { Tensor } from '../../ir/tensor.js';
import { any, op } from '../pattern.js';
import { decline, rule, type Rule } from '../rule.js';
import { scalar } from '../scalar.js';

/**
 * RMSNormalization(x, scale) → x / Sqrt(ReduceMean(x²) + epsilon) · scale, the mean over the axes from `axis` on, by
 * operators that opset 17 has. Equal up to the float32 rounding of each operation.
 */
export const spellOutRmsNormalization: Rule = rule({
  name: 'spell-out-rms-normalization',
  match: op('RMSNormalization', [any('x'), any('scale')], { as: 'node' }),
  rewrite: ({ x, scale, node }, to) => {
    if (x.type.dtype !== 'float32') return decline('the data are not float32', node);
    const rank = x.type.shape.length;
    const first = (node.attrs.int('axis', -1) + rank) % rank;
    const axes = Array.from({ length: rank - first }, (_, i) => first + i);
    const square = to.op('Mul', [x, x], {}, { part: 'square' });
    const inputs = [square, to.constant(Tensor.int64(axes))];
    const mean = to.op('ReduceMean', inputs, { keepdims: 1 }, { part: 'mean' });
    const shifted = to.op('Add', [mean, scalar(to, node.attrs.float('epsilon', 1e-5))], {}, { part: 'shifted' });
    const root = to.op('Sqrt', [shifted], {}, { part: 'root' });
    return to.op('Mul', [to.op('Div', [x, root], {}, { part: 'normal' }), scale]);
  },
});
