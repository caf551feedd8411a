import { opName, type Node } from '../../../ir/graph.js';
import { isStatic } from '../../../ir/shape.js';

/** What keeps a Conv, ConvTranspose, Gemm or averaging pool in canonical form from being computed in integers. */
export function arithmeticComplaint(node: Node): string | undefined {
  switch (node.op) {
    case 'Gemm':
      return weightComplaint(node);
    case 'Conv':
    case 'ConvTranspose':
      return rankComplaint(node) ?? weightComplaint(node);
    default:
      return rankComplaint(node) ?? poolComplaint(node);
  }
}

const weightComplaint = ({ inputs: [, weight, bias] }: Node): string | undefined =>
  weight?.constant === undefined || (bias !== undefined && bias.constant === undefined)
    ? 'the weights are computed by the model'
    : undefined;

function rankComplaint(node: Node): string | undefined {
  const rank = node.inputs[0]?.type.shape.length ?? 0;
  return rank === 4 ? undefined : `${opName(node)} of a rank-${rank} tensor`;
}

function poolComplaint(node: Node): string | undefined {
  if (!isStatic(node.inputs[0]?.type.shape.slice(1) ?? [])) return 'the map that is averaged has no known size';
  if (node.op !== 'AveragePool') return undefined;
  const padded = node.attrs.ints('pads', []).some((pad) => pad !== 0);
  if ((padded && node.attrs.int('count_include_pad', 0) === 0) || node.attrs.int('ceil_mode', 0) !== 0) {
    return 'AveragePool divides by another area at the border, where padding or ceil_mode cuts its windows short';
  }
  return node.attrs.ints('dilations', []).some((dilation) => dilation !== 1) ? 'AveragePool with dilations' : undefined;
}
