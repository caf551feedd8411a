import { Attributes } from '../../../ir/attributes.js';
import type { GraphEditor } from '../../../ir/editor.js';
import type { Graph, Node, Quantisation, Value } from '../../../ir/graph.js';
import { activationType } from '../../../ir/ops/quantised/operators.js';
import { integersOf } from '../../quantisation.js';

export interface InsertionOptions {
  /** The nodes that compute on integers. */
  readonly integer: ReadonlySet<Node>;
  /** Whether graph outputs deliver what stands for a float function's result after it has been quantised. */
  readonly quantisedOutputs: boolean;
}

/**
 * Puts `q.Quantize` and `q.Dequantize` behind every given tensor, so that the graph says in place which tensors are
 * integers and at which scale. Every node that read a tensor computed on integers reads it dequantised; a tensor computed
 * in float is read dequantised by the nodes that compute on integers, and as it is by the others, so that an island of
 * float has no boundaries inside. A graph output that delivers a graph input delivers it as it is. The integers take over
 * the label of the tensor, unless it is a graph input.
 */
export function insertQuantisation(
  editor: GraphEditor,
  grids: ReadonlyMap<Value, Quantisation>,
  { integer, quantisedOutputs }: InsertionOptions,
): void {
  for (const [value, quantisation] of grids) {
    const { name, type, producer } = value;
    const { lo, hi } = integersOf(quantisation);
    const before = firstReader(editor.graph, value);
    if (producer !== undefined) editor.rename(value, `${name}/float`);
    const scale = Attributes.of({ scale: { float: quantisation.scale } });
    const quantize = editor.addNode(
      {
        domain: 'q',
        op: 'Quantize',
        name: producer?.name ?? name,
        inputs: [undefined],
        attrs: scale.with('lo', lo).with('hi', hi),
        outputs: [{ name, type: { dtype: activationType(lo, hi), shape: type.shape, quantisation } }],
      },
      before,
    );
    const dequantize = editor.addNode(
      {
        domain: 'q',
        op: 'Dequantize',
        name: producer?.name ?? name,
        inputs: quantize.outputs,
        attrs: scale,
        outputs: [{ name: `${name}/dequantized`, type: { dtype: 'float32', shape: type.shape } }],
      },
      before,
    );
    const computedInFloat = producer === undefined || !integer.has(producer);
    const [real] = dequantize.outputs;
    for (const { node, index } of [...value.uses]) {
      if (!computedInFloat || integer.has(node)) editor.setInput(node, index, real);
    }
    for (const output of [...editor.graph.outputs]) {
      const asItIs = producer === undefined || (computedInFloat && !quantisedOutputs);
      if (output.value === value && real !== undefined && !asItIs) editor.setOutput(output, real);
    }
    editor.setInput(quantize, 0, value);
  }
}

/** The first node in order that reads the value; undefined when only the graph's outputs do. */
function firstReader(graph: Graph, value: Value): Node | undefined {
  const readers = new Set([...value.uses].map(({ node }) => node));
  return graph.nodes.find((node) => readers.has(node));
}
