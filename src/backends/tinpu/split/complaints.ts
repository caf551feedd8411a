import { opName, type Node } from '../../../ir/graph.js';
import { isStatic } from '../../../ir/shape.js';
import { numberData } from '../../../ir/tensor.js';

/** Why a node cannot be lowered, and what the user can do about it. */
export interface Complaint {
  readonly reason: string;
  readonly hint: string;
}

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

const LAYERS: ReadonlySet<string> = new Set(['Conv', 'ConvTranspose', 'Gemm']);

/**
 * Constants of a node that no integers stand for: weights and biases of a layer must be finite, and NaN is nowhere of use.
 */
export function brokenConstants(node: Node): Complaint | undefined {
  const layer = LAYERS.has(opName(node));
  const sound = layer ? Number.isFinite : isNumber;
  const broken = node.inputs
    .slice(layer ? 1 : 0)
    .find((value) => value?.constant !== undefined && numberData(value.constant)?.every(sound) === false);
  if (broken === undefined) return undefined;
  const found = layer ? 'NaN or infinite values' : 'NaN';
  return { reason: `'${broken.name}' holds ${found}`, hint: 'train the model again, or mend the export' };
}

const isNumber = (x: number): boolean => !Number.isNaN(x);

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
