import { InternalError } from '../../ir/diagnostics.js';
import { opName, type Node, type Origin } from '../../ir/graph.js';
import { sizeOf } from '../../ir/shape.js';

/**
 * The float weights and bias of a canonical Conv [M, C/group, kH, kW], ConvTranspose [C, M/group, kH, kW] or Gemm [K, M],
 * with the output channel of each weight.
 */
export interface LayerWeights {
  readonly weights: Float32Array;
  readonly bias: Float32Array | undefined;
  readonly channels: number;
  /** Output channel of the weight at an index of `weights`. */
  readonly channelOf: (index: number) => number;
  /** Weights that belong to one output channel. */
  readonly taps: number;
  /** Source nodes of the layer, for those who know more about them. */
  readonly origins?: readonly Origin[] | undefined;
}

export function weightsOf(node: Node): LayerWeights {
  const weight = node.inputs[1]?.constant;
  const bias = node.inputs[2]?.constant;
  if (weight?.is('float32') !== true || (bias !== undefined && !bias.is('float32'))) {
    throw new InternalError(`${opName(node)} '${node.name}' reached lowering without constant float32 weights`);
  }
  const { channels, channelOf } = channelsOf(node, weight.dims);
  const taps = channels === 0 ? 0 : weight.size / channels;
  return { weights: weight.data, bias: bias?.data, channels, channelOf, taps, origins: node.origins };
}

/** Whether a node is a convolution that a BatchNormalization of the source model was folded into. */
export const isFoldedConv = ({ op, origins }: Node): boolean =>
  op === 'Conv' && origins.some((origin) => origin.op === 'BatchNormalization');

function channelsOf({ op, attrs }: Node, dims: readonly number[]): Pick<LayerWeights, 'channels' | 'channelOf'> {
  const [first = 0, second = 0, ...kernel] = dims;
  const area = sizeOf(kernel);
  switch (op) {
    case 'Conv':
      return { channels: first, channelOf: (i) => Math.floor(i / (second * area)) };
    case 'ConvTranspose': {
      const group = attrs.int('group', 1);
      const inputsPerGroup = first / group;
      const channelOf = (i: number): number => {
        const input = Math.floor(i / (second * area));
        return Math.floor(input / inputsPerGroup) * second + (Math.floor(i / area) % second);
      };
      return { channels: second * group, channelOf };
    }
    default:
      return { channels: second, channelOf: (i) => i % second };
  }
}
