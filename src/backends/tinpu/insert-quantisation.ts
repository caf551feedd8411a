import { Attributes } from '../../ir/attributes.js';
import type { GraphEditor } from '../../ir/editor.js';
import type { Graph, Node, Quantisation, Value } from '../../ir/graph.js';
import { activationType } from '../../ir/ops/quantised/operators.js';
import { integersOf } from '../quantisation.js';

/**
 * Puts `q.Quantize` and `q.Dequantize` behind every given tensor, so that the graph says in place which tensors are
 * integers and at which scale; every node that read the tensor reads it dequantised, and so does a graph output that does
 * not deliver a graph input as it is. The integers take over the label of the tensor, unless it is a graph input.
 */
export function insertQuantisation(editor: GraphEditor, grids: ReadonlyMap<Value, Quantisation>): void {
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
    const asItIs = producer === undefined ? editor.graph.outputs.filter((output) => output.value === value) : [];
    const delivered = new Set(asItIs.map((output) => output.name));
    for (const real of dequantize.outputs) editor.replaceAllUses(value, real);
    for (const output of [...editor.graph.outputs]) if (delivered.has(output.name)) editor.setOutput(output, value);
    editor.setInput(quantize, 0, value);
  }
}

/** The first node in order that reads the value; undefined when only the graph's outputs do. */
function firstReader(graph: Graph, value: Value): Node | undefined {
  const readers = new Set([...value.uses].map(({ node }) => node));
  return graph.nodes.find((node) => readers.has(node));
}
