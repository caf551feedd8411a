import { Attributes } from '../../../ir/attributes.js';
import type { GraphEditor } from '../../../ir/editor.js';
import { isConstant, opName, type Graph, type Node, type Value } from '../../../ir/graph.js';
import { codeOfDType } from '../../../ir/onnx/data-type.js';
import { numberData } from '../../../ir/tensor.js';
import type { Pass } from '../../../passes/pass.js';
import { isMover, movedTensors } from '../split/movers.js';

const INT16 = codeOfDType('int16');
const FLOAT32 = codeOfDType('float32');
const PRODUCTS: ReadonlySet<string> = new Set(['Conv', 'ConvTranspose', 'MatMul', 'Gemm']);

/**
 * Inputs of a network of RequantShift operators → integers of 16 bits, which hold whatever such a network is fed: it
 * declares them float32, but they meet nothing but integer weights and requantisations.
 */
export const stateIntegerInputs: Pass = {
  name: 'state-integer-inputs',
  run: (editor) => {
    const { graph } = editor;
    if (!graph.nodes.some((node) => opName(node) === 'q.RequantShift')) return;
    for (const input of graph.inputs)
      if (input.type.dtype === 'float32' && meetsIntegers(input, graph)) state(input, editor);
  },
};

/** Whether every reader of a tensor, behind movers, computes with integers. */
function meetsIntegers(value: Value, graph: Graph): boolean {
  if (value.uses.size === 0 || graph.outputs.some((output) => output.value === value)) return false;
  return [...value.uses].every(({ node, index }) => {
    if (opName(node) === 'q.RequantShift') return index === 0;
    if (isMover(node))
      return movedTensors(node).length === 1 && node.outputs.every((moved) => meetsIntegers(moved, graph));
    return node.domain === '' && PRODUCTS.has(node.op) && index === 0 && hasIntegerWeights(node);
  });
}

function hasIntegerWeights({ inputs }: Node): boolean {
  return inputs.slice(1).every((input) => {
    if (input === undefined) return true;
    return isConstant(input) && numberData(input.constant)?.every(Number.isInteger) === true;
  });
}

/** Puts a Cast to int16 and one back, which lifting takes for the mark of integers, between an input and its readers. */
function state(input: Value, editor: GraphEditor): void {
  const readers = [...input.uses];
  const [first] = editor.graph.nodes;
  const cast = (name: string, source: Value, to: number, dtype: 'int16' | 'float32'): Value | undefined =>
    editor.addNode(
      {
        op: 'Cast',
        name,
        inputs: [source],
        attrs: Attributes.of({ to }),
        outputs: [{ name, type: { dtype, shape: input.type.shape } }],
      },
      first,
    ).outputs[0];
  const integers = cast(`${input.name}/integers`, input, INT16, 'int16');
  const shown = integers && cast(`${input.name}/float`, integers, FLOAT32, 'float32');
  if (shown !== undefined) for (const { node, index } of readers) editor.setInput(node, index, shown);
}
