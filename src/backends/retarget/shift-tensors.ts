import { Attributes } from '../../ir/attributes.js';
import type { GraphEditor } from '../../ir/editor.js';
import type { Node, Value } from '../../ir/graph.js';
import { Tensor } from '../../ir/tensor.js';
import { rowsOf } from '../weights/layer-channels.js';
import { weightsOf } from '../weights/weights-of.js';
import { insertBehind } from './insert-behind.js';
import { numberConstant } from './real-tensors.js';
import { commutes, shiftsBias, type ShiftRegion } from './shift-region.js';

/**
 * Adds a number to all tensors of a region, in place, and takes it away behind them: the graph computes what it did, up to
 * the rounding of biases to float32. Shifted tensors are called `<label>/shifted`.
 * @returns them, each with its old label
 */
export function shiftTensors(
  editor: GraphEditor,
  { values, readers, floatUses }: ShiftRegion,
  offset: number,
): ReadonlyMap<Value, string> {
  const { graph } = editor;
  for (const layer of readers) {
    const sums = rowsOf(weightsOf(layer)).map((row) => row.reduce((sum, w) => sum + w, 0));
    addToBias(editor, layer, (channel) => -offset * (sums[channel] ?? 0));
  }
  const inFloat = new Set(floatUses);
  const shifted = new Map<Value, string>();
  for (const value of values) {
    const { name, producer } = value;
    const isBias = producer !== undefined && shiftsBias(graph, producer);
    if (isBias || (producer !== undefined && commutes(producer))) {
      if (isBias) addToBias(editor, producer, () => offset);
      editor.rename(value, `${name}/shifted`);
      shiftBack(editor, value, name, floatUses, offset);
      shifted.set(value, name);
      continue;
    }
    const uses = [...value.uses].filter((use) => !inFloat.has(use));
    const result = producer === undefined ? behindInput(editor, value, offset) : lessThan(editor, value, -offset);
    for (const { node, index } of uses) editor.setInput(node, index, result);
    shifted.set(result, name);
  }
  return shifted;
}

/** Adds to the bias of each channel of a layer, or to the shift of a BatchNormalization. */
function addToBias(editor: GraphEditor, node: Node, addend: (channel: number) => number): void {
  const old = node.inputs[2]?.constant?.toNumbers();
  const channels = old?.length ?? weightsOf(node).channels;
  const bias = Float32Array.from({ length: channels }, (_, channel) => (old?.[channel] ?? 0) + addend(channel));
  const label = node.inputs[2]?.name ?? `${node.outputs[0]?.name ?? node.name}/bias`;
  editor.setInput(node, 2, editor.constant(new Tensor('float32', [channels], bias), `${label}/shifted`));
}

/** Float operators and outputs of the graph read the tensor as it was, under its old label. */
function shiftBack(
  editor: GraphEditor,
  value: Value,
  label: string,
  floatUses: ShiftRegion['floatUses'],
  offset: number,
): void {
  const uses = floatUses.filter((use) => value.uses.has(use));
  const delivered = editor.graph.outputs.filter((output) => output.value === value);
  if (uses.length === 0 && delivered.length === 0) return;
  const back = lessThan(editor, value, offset, label);
  for (const { node, index } of uses) editor.setInput(node, index, back);
  for (const output of delivered) editor.setOutput(output, back);
}

const lessThan = (editor: GraphEditor, value: Value, amount: number, label = `${value.name}/shifted`): Value =>
  insertBehind(editor, value, {
    op: 'Sub',
    label,
    constants: [numberConstant(editor, amount, `${label}/offset`)],
  });

/** A BatchNormalization that adds the offset to a graph input, as a part of the input sequence. */
function behindInput(editor: GraphEditor, input: Value, offset: number): Value {
  const label = `${input.name}/shifted`;
  const channels = Number(input.type.shape[1]);
  const filled = (x: number): Value =>
    editor.constant(new Tensor('float32', [channels], new Float32Array(channels).fill(x)), `${label}/constant`);
  return insertBehind(editor, input, {
    op: 'BatchNormalization',
    label,
    constants: [1, offset, 0, 1].map(filled),
    attrs: Attributes.of({ epsilon: { float: 0 } }),
  });
}
