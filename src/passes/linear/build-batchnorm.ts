import type { Node, Value } from '../../ir/graph.js';
import { Tensor } from '../../ir/tensor.js';
import { decline, type Builder, type Decline } from '../rule.js';
import type { ChannelAffine } from './affine.js';
import { isDecline, isFoldable, rounded } from './fold.js';

/**
 * BatchNormalization that computes scale · x + shift along axis 1: mean 0, variance 1, epsilon 0.
 * @param node what it stands for, to blame when the constants are not finite
 */
export function buildBatchnorm(to: Builder, x: Value, { scale, shift }: ChannelAffine, node: Node): Value | Decline {
  if (!isFoldable(x)) return decline(`the data are ${x.type.dtype}`, node);
  const { dtype } = x.type;
  const dims = [scale.length];
  const gamma = rounded(dtype, dims, scale, node);
  const beta = rounded(dtype, dims, shift, node);
  if (isDecline(gamma)) return gamma;
  if (isDecline(beta)) return beta;
  const filled = (value: number): Tensor => {
    const tensor = Tensor.zeros(dtype, dims);
    tensor.data.fill(value);
    return tensor;
  };
  const label = node.outputs[0]?.name ?? 'affine';
  const inputs = [
    x,
    to.constant(gamma, `${label}.scale`),
    to.constant(beta, `${label}.shift`),
    to.constant(filled(0), `${label}.mean`),
    to.constant(filled(1), `${label}.variance`),
  ];
  return to.op('BatchNormalization', inputs, { epsilon: { float: 0 } });
}
