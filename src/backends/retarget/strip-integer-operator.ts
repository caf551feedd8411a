import { isFloat } from '../../ir/dtype.js';
import type { GraphEditor } from '../../ir/editor.js';
import { isConstant, opName, type Node, type Value } from '../../ir/graph.js';
import { numberData, Tensor } from '../../ir/tensor.js';
import { bringsElements, isMover } from '../split/movers.js';
import { addReal, StripFault, valueOnGrid, type RealTensor } from './real-tensors.js';
import type { RealValues } from './real-values.js';
import { sameGrid, type TrainedGrid } from './trained-grid.js';

/** Operators that ask integers for no more than their order or their number. */
const ORDER_OPERATORS: ReadonlySet<string> = new Set(['Shape', 'Size', 'ArgMax', 'ArgMin']);

/**
 * An operator of which integers, which stand for `real`, are an operand like real numbers are: the same on real numbers.
 * @throws StripFault where it computes with them
 */
export function stripIntegerOperator(editor: GraphEditor, node: Node, real: RealTensor, reals: RealValues): void {
  const [result] = node.outputs;
  if (result === undefined) return;
  const name = opName(node);
  if (ORDER_OPERATORS.has(name)) editor.setInput(node, 0, real.value);
  else if (name === 'Cast' && isFloat(result.type.dtype)) {
    editor.replaceAllUses(result, valueOnGrid(editor, node, real, 1, 0));
  } else if (name === 'Add' && real.accumulator) addToSums(editor, node, result, real, reals);
  else if (!real.accumulator && (isMover(node) || name === 'Clip' || name === 'Identity')) {
    move(editor, node, real, reals);
  } else throw computes(`${name} computes with quantised integers, accepted: layers, and operators that move integers`);
}

const computes = (message: string): StripFault =>
  new StripFault(
    'integer-arithmetic',
    message,
    'export the model with QuantizeLinear and DequantizeLinear around this operator, or give the float model',
  );

function addToSums(
  editor: GraphEditor,
  node: Node,
  result: Value,
  { value, grid }: RealTensor,
  reals: RealValues,
): void {
  const addend = node.inputs.find((input) => input !== undefined && isConstant(input))?.constant;
  if (addend === undefined) throw computes('Add of two sums of integers, accepted: a constant bias');
  const label = reals.giveUpLabel(result);
  const real = editor.constant(onGrid(addend, grid), `${label}/addend`);
  const sum = addReal(editor, node, 'Add', [value, real], { label, like: result });
  reals.set(result, { value: sum, grid, accumulator: true });
}

/** The same operator on real numbers; constants among the elements are brought to the grid of the others. */
function move(editor: GraphEditor, node: Node, { grid }: RealTensor, reals: RealValues): void {
  const inputs = node.inputs.map((input, index) => {
    const carried = node.op === 'Clip' || node.op === 'Identity' || bringsElements(node.op, index);
    if (input === undefined || !carried) return input;
    if (isConstant(input)) return editor.constant(onGrid(input.constant, grid), `${input.name}/real`);
    const real = reals.known(input);
    if (real !== undefined && sameGrid(real.grid, grid)) return real.value;
    throw computes(`${node.op} puts integers of different scales together, accepted: one scale`);
  });
  const labels = node.outputs.map((output) => (output.name === '' ? '' : reals.giveUpLabel(output)));
  const moved = editor.addNode(
    {
      ...node,
      inputs,
      outputs: node.outputs.map(({ type }, i) => ({
        name: labels[i] ?? '',
        type: i === 0 ? { ...type, dtype: 'float32' } : type,
      })),
    },
    node,
  );
  for (const [i, output] of node.outputs.entries()) {
    const value = moved.outputs[i];
    if (value === undefined) continue;
    if (i === 0) reals.set(output, { value, grid, accumulator: false });
    else editor.replaceAllUses(output, value);
  }
}

/** Constant integers as the real numbers that they are on a grid. */
const onGrid = (integers: Tensor, { scale, zeroPoint }: TrainedGrid): Tensor =>
  new Tensor(
    'float32',
    integers.dims,
    Float32Array.from(numberData(integers) ?? [], (q) => scale * (q - zeroPoint)),
  );
