import { InternalError } from '../../ir/diagnostics.js';
import { opName, type Node } from '../../ir/graph.js';
import type { LayerInput } from './recipes/recipe.js';

/** The float weights and bias of a canonical Conv [M, C/group, kH, kW] or Gemm [K, M], with the channel of each weight. */
export type LayerWeights = Pick<LayerInput, 'weights' | 'bias' | 'channels' | 'channelOf'> & {
  /** Weights that one output element sums over. */
  readonly taps: number;
};

export function weightsOf(node: Node): LayerWeights {
  const weight = node.inputs[1]?.constant;
  const bias = node.inputs[2]?.constant;
  if (weight?.is('float32') !== true || (bias !== undefined && !bias.is('float32'))) {
    throw new InternalError(`${opName(node)} '${node.name}' reached lowering without constant float32 weights`);
  }
  const convolution = node.op === 'Conv';
  const channels = weight.dims[convolution ? 0 : 1] ?? 0;
  const taps = channels === 0 ? 0 : weight.size / channels;
  const channelOf = convolution ? (i: number) => Math.floor(i / taps) : (i: number) => i % channels;
  return { weights: weight.data, bias: bias?.data, channels, channelOf, taps };
}
