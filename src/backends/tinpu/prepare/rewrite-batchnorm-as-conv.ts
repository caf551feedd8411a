import type { Node, Value } from '../../../ir/graph.js';
import { Tensor } from '../../../ir/tensor.js';
import { any, constant, op } from '../../../passes/pattern.js';
import { decline, rule, type Rule } from '../../../passes/rule.js';
import { inputAffineOf } from '../arithmetic/input-constants.js';
import { integerForm } from '../split/integer-form.js';

/**
 * BatchNormalization(x) of what will be integers → Conv(x), depthwise with a 1×1 kernel: scaling and shifting that folds
 * nowhere is a layer of its own (T15). Of ranks 2 and 3 the missing spatial axes are added and dropped again; behind the
 * model's input or a float function it stays as it is.
 */
export const rewriteBatchnormAsConv: Rule = rule({
  name: 'rewrite-batchnorm-as-conv',
  match: op(
    'BatchNormalization',
    [any('x'), constant('gamma'), constant('beta'), constant('mean'), constant('variance')],
    { as: 'batchnorm' },
  ),
  check: ({ x, batchnorm }) => {
    const rank = x.type.shape.length;
    if (rank < 2 || rank > 4) return decline(`a tensor of rank ${rank} has no form with two spatial axes`, batchnorm);
    return isComputedByLayer(x) ? undefined : decline('the tensor is not computed by a layer', batchnorm);
  },
  rewrite: ({ x, batchnorm }, to) => {
    const { factor, center, offset } = inputAffineOf(batchnorm);
    const weights = Float32Array.from(factor);
    const bias = Float32Array.from(factor, (value, c) => (offset[c] ?? 0) - value * (center[c] ?? 0));
    if (![...weights, ...bias].every(Number.isFinite)) return decline('a factor or shift is not finite', batchnorm);
    const channels = weights.length;
    const label = batchnorm.outputs[0]?.name ?? batchnorm.name;
    const missing = Array.from({ length: 4 - x.type.shape.length }, (_, i) => x.type.shape.length + i);
    const axes = missing.length === 0 ? undefined : to.constant(Tensor.int64(missing), `${label}/axes`);
    const map = axes === undefined ? x : to.op('Unsqueeze', [x, axes], {}, { part: 'map' });
    const inputs = [
      map,
      to.constant(new Tensor('float32', [channels, 1, 1, 1], weights), `${label}/weight`),
      to.constant(new Tensor('float32', [channels], bias), `${label}/bias`),
    ];
    const attrs = {
      group: channels,
      kernel_shape: [1, 1],
      strides: [1, 1],
      pads: [0, 0, 0, 0],
      dilations: [1, 1],
    };
    if (axes === undefined) return to.op('Conv', inputs, attrs);
    return to.op('Squeeze', [to.op('Conv', inputs, attrs, { part: 'scaled' }), axes]);
  },
});

/** Whether integers reach the value from a layer through operators that hand them on. */
function isComputedByLayer(value: Value): boolean {
  const pending: (Node | undefined)[] = [value.producer];
  for (const node of pending) {
    if (node === undefined) return false;
    const { kind } = integerForm(node);
    if (kind === 'layer' || kind === 'pool' || kind === 'add') return true;
    if (kind === 'float') return false;
    pending.push(node.inputs[0]?.producer);
  }
  return false;
}
