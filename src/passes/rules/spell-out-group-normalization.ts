import type { Value } from '../../ir/graph.js';
import { isStatic } from '../../ir/shape.js';
import { numberData, Tensor } from '../../ir/tensor.js';
import { any, op } from '../pattern.js';
import { decline, rule, type Builder, type Rule } from '../rule.js';

/**
 * GroupNormalization(x, scale, bias) → InstanceNormalization of x with each group as one channel, then · scale + bias a
 * channel, by operators that opset 17 has. Equal up to the float32 rounding of each operation. The bias is added by
 * subtracting its negative, which is the same number: an Add at the end of the chain could be taken for integers, whose
 * step would be that of the sum.
 */
export const spellOutGroupNormalization: Rule = rule({
  name: 'spell-out-group-normalization',
  match: op('GroupNormalization', [any('x'), any('scale'), any('bias')], { as: 'node' }),
  rewrite: ({ x, scale, bias, node }, to) => {
    const { dtype, shape } = x.type;
    if (dtype !== 'float32') return decline('the data are not float32', node);
    if (node.attrs.int('stash_type', 1) !== 1) return decline('the statistics are not float32', node);
    const groups = node.attrs.int('num_groups');
    const list = (values: readonly number[]): Value => to.constant(Tensor.int64(values));
    const grouped = to.op('Reshape', [x, list([0, groups, -1])], {}, { part: 'groups' });
    const ones = to.constant(Tensor.float32([groups], new Float32Array(groups).fill(1)));
    const zeros = to.constant(Tensor.zeros('float32', [groups]));
    const epsilon = node.attrs.float('epsilon', 1e-5);
    const normal = to.op('InstanceNormalization', [grouped, ones, zeros], { epsilon }, { part: 'normal' });
    const target = isStatic(shape.slice(1))
      ? list([0, ...(shape.slice(1) as number[])])
      : to.op('Shape', [x], {}, { part: 'shape' });
    const restored = to.op('Reshape', [normal, target], {}, { part: 'restored' });
    const axes = shape.length - 2;
    const scaled = to.op('Mul', [restored, perChannel(scale, axes, to)], {}, { part: 'scaled' });
    return to.op('Sub', [scaled, perChannel(negated(bias, to), axes, to)]);
  },
});

/** A list of channels with as many axes of size 1 behind it as the data have spatial ones. */
function perChannel(values: Value, axes: number, to: Builder): Value {
  const dims = Array.from({ length: axes }, (_, i) => i + 1);
  if (values.constant !== undefined) {
    return to.constant(values.constant.reshape([values.constant.size, ...dims.map(() => 1)]), values.name);
  }
  return to.op('Unsqueeze', [values, to.constant(Tensor.int64(dims))], {}, { part: 'channels' });
}

function negated(values: Value, to: Builder): Value {
  const data = values.constant && numberData(values.constant);
  if (values.constant === undefined || data === undefined) return to.op('Neg', [values], {}, { part: 'negated' });
  return to.constant(
    Tensor.float32(
      values.constant.dims,
      Float32Array.from(data, (value) => -value),
    ),
    values.name,
  );
}
