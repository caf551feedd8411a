import type { Node, Value } from '../../ir/graph.js';
import { dataOperand } from '../linear/affine.js';
import { splatOf } from '../splat.js';
import { covers, type Cover } from './cover.js';

/** scale · (first result of core) + offset. */
export interface AffineCore {
  readonly scale: number;
  readonly offset: number;
  readonly core: Node;
}

/** Reads through arithmetic with numbers down to the node that computes something else. */
export function readAffineCore(value: Value, cover: Cover): AffineCore | undefined {
  let scale = 1;
  let offset = 0;
  for (let node = value.producer; node?.domain === '';) {
    if (!covers(cover, node)) return undefined;
    if (node.op === 'Neg') {
      scale = -scale;
      node = node.inputs[0]?.producer;
      continue;
    }
    const operands = ['Add', 'Sub', 'Mul', 'Div'].includes(node.op) ? dataOperand(node) : undefined;
    if (operands === undefined) return { scale, offset, core: node };
    const { data, constant, place } = operands;
    const number = splatOf(constant);
    if (number === undefined || (node.op === 'Div' && place === 1)) return undefined;
    // The data are operand 0 where `place` is 0; a constant minus the data turns their sign.
    if (node.op === 'Add') offset += scale * number;
    else if (node.op === 'Sub') {
      offset += place === 0 ? -scale * number : scale * number;
      scale = place === 0 ? scale : -scale;
    } else scale = node.op === 'Mul' ? scale * number : scale / number;
    node = data.producer;
  }
  return undefined;
}
