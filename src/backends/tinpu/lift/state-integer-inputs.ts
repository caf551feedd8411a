import { Attributes } from '../../../ir/attributes.js';
import type { GraphEditor } from '../../../ir/editor.js';
import { isConstant, opName, type Graph, type Node, type Value } from '../../../ir/graph.js';
import { codeOfDType } from '../../../ir/onnx/data-type.js';
import { numberData } from '../../../ir/tensor.js';
import type { Pass } from '../../../passes/pass.js';
import { isMover, movedTensors } from '../../split/movers.js';
import { constantStep } from './affine-chain.js';

const INT16 = codeOfDType('int16');
const FLOAT32 = codeOfDType('float32');
const PRODUCTS: ReadonlySet<string> = new Set(['Conv', 'ConvTranspose', 'MatMul', 'Gemm']);

/**
 * Inputs of a network that starts from integers → integers of 16 bits, which hold whatever it is fed: declared float32,
 * they meet nothing but layers of integer weights that are requantised. So are TI's models cut behind the input sequence
 * (spec 1.4), and networks of RequantShift operators.
 */
export const stateIntegerInputs: Pass = {
  name: 'state-integer-inputs',
  run: (editor) => {
    const { graph } = editor;
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
    return node.domain === '' && PRODUCTS.has(node.op) && index === 0 && hasIntegerWeights(node) && isRequantised(node);
  });
}

function hasIntegerWeights({ inputs }: Node): boolean {
  return inputs.slice(1).every((input) => {
    if (input === undefined) return true;
    return isConstant(input) && numberData(input.constant)?.every(Number.isInteger) === true;
  });
}

/** Whether every result of a node is requantised to integers, behind arithmetic with constants and movers. */
function isRequantised({ outputs: [result] }: Node): boolean {
  return (
    result !== undefined &&
    result.uses.size > 0 &&
    [...result.uses].every(
      ({ node }) =>
        opName(node) === 'q.RequantShift' ||
        node.op === 'Floor' ||
        ((constantStep(node) !== undefined || isMover(node)) && isRequantised(node)),
    )
  );
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
