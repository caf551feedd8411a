import { GraphEditor } from './editor.js';
import { constantsOf, type ConstantValue, type Graph, type Value } from './graph.js';
import type { Tensor } from './tensor.js';

/** A copied graph, and where everything went. */
export interface Clone {
  readonly graph: Graph;
  /** What stands in the clone for each value of the original. */
  readonly values: ReadonlyMap<Value, Value>;
}

/**
 * A copy that can be changed without touching the original. Tensors are shared.
 * @param substitute another tensor of the same type for a constant, if wanted
 */
export function cloneGraph(graph: Graph, substitute?: (constant: ConstantValue) => Tensor | undefined): Clone {
  const editor = GraphEditor.create(graph.name);
  const values = new Map<Value, Value>();
  for (const input of graph.inputs) values.set(input, editor.addInput(input.name, input.type));
  for (const constant of constantsOf(graph)) {
    const tensor = substitute?.(constant) ?? constant.constant;
    values.set(constant, editor.constant(tensor, constant.name, constant.type.quantisation));
  }
  for (const { name, domain, op, inputs, outputs, attrs, origins } of graph.nodes) {
    const copy = editor.addNode({
      name,
      domain,
      op,
      attrs,
      origins,
      inputs: inputs.map((input) => input && values.get(input)),
      outputs: outputs.map((output) => ({ name: output.name, type: output.type, contents: output.contents })),
    });
    for (const [i, output] of outputs.entries()) {
      const value = copy.outputs[i];
      if (value !== undefined) values.set(output, value);
    }
  }
  for (const { name, value } of graph.outputs) {
    const copy = values.get(value);
    if (copy !== undefined) editor.addOutput(name, copy);
  }
  return { graph: editor.graph, values };
}
