import { opName, type Node } from '../../ir/graph.js';
import { isStatic } from '../../ir/shape.js';
import { numberData, type Tensor } from '../../ir/tensor.js';
import { leadingOrigin } from './layer-name.js';
import type { Bounds } from './roles.js';

/** Why a node cannot be lowered, and what the user can do about it. */
export interface Complaint {
  readonly reason: string;
  readonly hint: string;
}

const GENERAL =
  'this operator is not lowered to integers yet; remove it from the model or replace it by a supported one';

/** What to do about an operator that has no integer form. */
const HINTS: ReadonlyMap<string, string> = new Map([
  ['Add', 'additions of two tensors are not lowered yet; train the network without the residual branch'],
  ['Concat', 'concatenations are not lowered yet; compile the branches as models of their own'],
  ['ConvTranspose', 'transposed convolutions are not lowered yet; use Conv layers alone'],
  ['Resize', 'cut the model in front of the resizing and let the application do it'],
  ['DepthToSpace', 'cut the model in front of it and let the application rearrange the elements'],
  ['ArgMax', 'cut it off: the application takes the position of the largest integer, which is the same'],
  ['TopK', 'cut it off: the application sorts the integers, whose order is the same'],
  ['MatMul', 'a product of rows by a constant matrix on the right is accepted; export the layer as Linear or Dense'],
  ['ReduceSum', 'use GlobalAveragePool or ReduceMean over the spatial axes and scale the next layer'],
  ['Cast', 'export the model with float32 inputs and let the application convert'],
  ['LSTM', 'recurrent layers are not lowered; a convolutional network over time takes their place on the NPU'],
  ['GRU', 'recurrent layers are not lowered; a convolutional network over time takes their place on the NPU'],
]);

/** What the user can do about an operator that stands in the way. */
export const hintOf = ({ op }: Node): string => HINTS.get(op) ?? GENERAL;

/** A legal range is [0, 255] or [-128, 127] (spec 1.2), so the bounds must be 0 and something, or symmetric to half a step. */
export function boundsComplaint({ min, max }: Bounds): Complaint | undefined {
  const hint = 'integers saturate at 0 and c, or at -c and c: use Relu, ReLU6, or a Clip with such bounds';
  if (!(max > min)) return { reason: `Clip to ${min} … ${max} leaves one value`, hint };
  if (min === 0) return undefined;
  const symmetric = min < 0 && Number.isFinite(min) && Math.abs(max + min) <= -min / 255;
  return symmetric ? undefined : { reason: `Clip to ${min} … ${max} is neither [0, c] nor [-c, c]`, hint };
}

/** What keeps a Conv, Gemm or averaging pool in canonical form from being lowered. */
export function arithmeticComplaint(node: Node): Complaint | undefined {
  switch (node.op) {
    case 'Gemm':
      return weightComplaint(node);
    case 'Conv':
      return rankComplaint(node) ?? weightComplaint(node);
    default:
      return rankComplaint(node) ?? poolComplaint(node);
  }
}

function weightComplaint({ inputs: [, weight, bias] }: Node): Complaint | undefined {
  if (weight?.constant === undefined || (bias !== undefined && bias.constant === undefined)) {
    return {
      reason: 'the weights are computed by the model',
      hint: 'export the model with constant weights and biases',
    };
  }
  const broken = [weight, bias].find((value) => value?.constant !== undefined && !isFinite(value.constant));
  if (broken === undefined) return undefined;
  return { reason: `'${broken.name}' holds NaN or infinite values`, hint: 'train the model again, or mend the export' };
}

const isFinite = (tensor: Tensor): boolean => numberData(tensor)?.every(Number.isFinite) ?? true;

function rankComplaint(node: Node): Complaint | undefined {
  const rank = node.inputs[0]?.type.shape.length ?? 0;
  if (rank === 4) return undefined;
  return {
    reason: `${opName(node)} of a rank-${rank} tensor`,
    hint: 'one- and two-dimensional convolutions and pools are lowered; reshape the data to two spatial axes',
  };
}

function poolComplaint(node: Node): Complaint | undefined {
  const shape = node.inputs[0]?.type.shape ?? [];
  if (!isStatic(shape.slice(1))) {
    return {
      reason: 'the map that is averaged has no known size',
      hint: 'export the model with a fixed height and width; only the batch may be free',
    };
  }
  if (node.op !== 'AveragePool') return undefined;
  const padded = node.attrs.ints('pads', []).some((pad) => pad !== 0);
  if ((padded && node.attrs.int('count_include_pad', 0) === 0) || node.attrs.int('ceil_mode', 0) !== 0) {
    return {
      reason: 'AveragePool divides by another area at the border, where padding, or ceil_mode, cuts its windows short',
      hint: 'use count_include_pad = 1, or windows that divide the map evenly without padding',
    };
  }
  if (node.attrs.ints('dilations', []).some((dilation) => dilation !== 1)) {
    return { reason: 'AveragePool with dilations', hint: 'use a pool without dilations' };
  }
  return undefined;
}

/** A scaling and shifting that nothing absorbs, in the words of the source model. */
export function affineComplaint(node: Node): Complaint {
  const source = leadingOrigin(node)?.op ?? node.op;
  const what = source === 'BatchNormalization' ? source : `the scaling and shifting by ${source}`;
  return {
    reason: `${what} can be folded into no neighbouring layer`,
    hint: 'put it directly behind a Conv or Gemm, or in front of one without padding, or on the input of the model',
  };
}
