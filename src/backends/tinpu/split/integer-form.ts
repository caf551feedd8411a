import { isConstant, opName, type Node } from '../../../ir/graph.js';
import { numberData } from '../../../ir/tensor.js';
import { arithmeticComplaint } from './complaints.js';
import { dataInputs } from '../../split/data-inputs.js';
import { moverComplaint } from '../../split/mover-complaint.js';
import { isMover } from '../../split/movers.js';

/**
 * What a node of a canonical float graph is on integers. `layer`: Conv, ConvTranspose or Gemm. `pool`: an averaging pool.
 * `add`: operands and result share a scale. `clip`: bounds on integers. `mover`: elements pass as they are. `float`: it has
 * no integer form, for the reason given.
 */
export type IntegerForm =
  { readonly kind: 'layer' | 'pool' | 'add' | 'clip' | 'mover' } | { readonly kind: 'float'; readonly reason: string };

/** Decides by the node alone, whatever surrounds it (spec 3.2). */
export function integerForm(node: Node): IntegerForm {
  const name = opName(node);
  const [output] = node.outputs;
  if (output?.type.dtype !== 'float32') return float(`${name} computes no real numbers`);
  if (dataInputs(node).length === 0) return float(`${name} reads no real numbers`);
  switch (name) {
    case 'Conv':
    case 'ConvTranspose':
    case 'Gemm':
    case 'AveragePool':
    case 'GlobalAveragePool': {
      const complaint = arithmeticComplaint(node);
      if (complaint !== undefined) return float(complaint);
      return { kind: name.endsWith('Pool') ? 'pool' : 'layer' };
    }
    case 'Add':
      return addForm(node);
    case 'Clip':
      return node.inputs.slice(1).every((bound) => bound === undefined || isConstant(bound))
        ? { kind: 'clip' }
        : float('the bounds are computed by the model');
    default: {
      if (!isMover(node)) return float(reasonOf(node));
      const complaint = moverComplaint(node);
      return complaint === undefined ? { kind: 'mover' } : float(complaint);
    }
  }
}

/** Why a node runs in float, even alone between a dequantise and a quantise; undefined where it has an integer form. */
export function floatComplaint(node: Node): string | undefined {
  const form = integerForm(node);
  return form.kind === 'float' ? form.reason : undefined;
}

const reasonOf = (node: Node): string =>
  opName(node) === 'Resize' ? 'Resize interpolates, or crops' : `${opName(node)} has no integer form`;

const float = (reason: string): IntegerForm => ({ kind: 'float', reason });

function addForm({ inputs }: Node): IntegerForm {
  const finite = inputs.every((input) => {
    const data = input?.constant && numberData(input.constant);
    return data === undefined || data.every(Number.isFinite);
  });
  return finite ? { kind: 'add' } : float('a constant holds NaN or infinite values');
}
