import type { GraphEditor } from '../../../ir/editor.js';
import type { Graph, Node, Value } from '../../../ir/graph.js';
import { AFFINE_TYPES } from '../../../ir/ops/affine/operands.js';
import { isMover, movedTensors } from '../../split/movers.js';
import { constantTensor } from './evaluate.js';
import { activation, quantisationOf } from './quantised-tensor.js';
import { targetOf } from './quantisation-target.js';

/** Scale and zero point of a tensor among the inputs of an operator on quantised tensors. */
const Q_LINEAR_TENSORS: readonly (readonly [tensor: number, scale: number, zero: number])[] = [
  [0, 1, 2],
  [3, 4, 5],
];

/**
 * Notes on every tensor of integers with one scale what the file says of it, for those who read the graph; integers that
 * are only moved have the scale of what they are moved into or come from.
 */
export function noteQuantisation(editor: GraphEditor): void {
  const note = (value: Value | undefined, scale: number | undefined, zero: number | undefined): void => {
    if (value === undefined || scale === undefined || !AFFINE_TYPES.includes(value.type.dtype)) return;
    const quantisation = quantisationOf(value.type.dtype, { scale, zero: zero ?? 0 });
    editor.setType(value, { ...value.type, quantisation });
  };
  const { nodes }: Graph = editor.graph;
  for (const node of nodes) {
    if (node.domain !== '') continue;
    const single = (index: number): number | undefined => {
      const input = node.inputs[index];
      const tensor = input && constantTensor(input);
      return tensor?.size === 1 ? tensor.toNumbers()[0] : undefined;
    };
    if (node.op === 'QuantizeLinear') {
      const target = targetOf(node);
      if (!('declined' in target)) note(node.outputs[0], target.scale, target.zero);
    } else if (node.op === 'DequantizeLinear') {
      const x = activation(node.outputs[0]);
      if (x !== undefined) note(x.integers, x.scale, x.zero);
    } else if (node.op.startsWith('QLinear')) {
      for (const [tensor, scale, zero] of Q_LINEAR_TENSORS) note(node.inputs[tensor], single(scale), single(zero));
      note(node.outputs[0], single(6), single(7));
    }
  }
  for (const node of nodes.toReversed()) passOn(editor, node.outputs[0], movedValues(node));
  for (const node of nodes) for (const moved of movedValues(node)) passOn(editor, moved, node.outputs);
}

const movedValues = (node: Node): readonly Value[] => (isMover(node) ? movedTensors(node) : []);

function passOn(editor: GraphEditor, from: Value | undefined, into: readonly Value[]): void {
  const quantisation = from?.type.quantisation;
  if (quantisation === undefined) return;
  for (const value of into) {
    if (value.type.quantisation !== undefined || value.type.dtype !== from?.type.dtype) continue;
    editor.setType(value, { ...value.type, quantisation });
  }
}
