import { Attributes } from '../../src/ir/attributes.js';
import { GraphEditor } from '../../src/ir/editor.js';
import type { Graph, Value } from '../../src/ir/graph.js';
import type { Operator } from '../../src/ir/ops/operator.js';
import type { Tensor } from '../../src/ir/tensor.js';
import type { Kernel } from '../../src/runtime/kernel.js';
import { dirtyArena, infer, type AttributeInputs } from './run-operator.js';

type Kernels = readonly (readonly [string, Kernel])[];

/**
 * Infers the results of one node, runs its kernel and checks that the results are of the inferred types, sizes and
 * contents and that no input has been written to.
 */
export function compute(
  spec: Operator,
  kernels: Kernels,
  inputs: readonly (Tensor | undefined)[],
  attrs: AttributeInputs = {},
  outputCount = 1,
): readonly Tensor[] {
  const kernel = new Map(kernels).get(spec.name);
  if (kernel === undefined) throw new Error(`no kernel of ${spec.name}`);
  const inferred = infer(spec, inputs, attrs, outputCount).slice(0, outputCount);
  const editor = GraphEditor.create('test');
  const node = editor.addNode({
    op: spec.name,
    inputs: inputs.map((tensor) => tensor && editor.addInput('x', { dtype: tensor.dtype, shape: tensor.dims })),
    outputs: inferred,
    attrs: Attributes.of(attrs),
  });
  const before = inputs.map((tensor) => tensor?.data.slice());
  const results = kernel(node, inputs, dirtyArena);
  for (const [i, { type, contents }] of inferred.entries()) {
    const result = results[i];
    if (result?.dtype !== type.dtype || result.dims.join() !== type.shape.join()) {
      throw new Error(
        `${spec.name} gives ${result?.dtype}[${result?.dims.join()}], inferred ${type.dtype}[${type.shape.join()}]`,
      );
    }
    if (contents !== undefined && result.toNumbers().join() !== contents.join()) {
      throw new Error(`${spec.name} gives ${result.toNumbers().join()}, inferred contents ${contents.join()}`);
    }
  }
  for (const [i, data] of before.entries()) {
    if (data?.some((element, at) => !Object.is(element, inputs[i]?.data[at])) === true) {
      throw new Error(`${spec.name} writes to its input ${i}`);
    }
  }
  return results;
}

/** Runs a graph node by node; `inputs` are in the order of the graph's. */
export function runGraph(graph: Graph, kernels: Kernels, inputs: readonly Tensor[]): (Tensor | undefined)[] {
  const table = new Map(kernels);
  const values = new Map<Value, Tensor | undefined>(graph.inputs.map((value, i) => [value, inputs[i]]));
  const read = (value: Value): Tensor | undefined => value.constant ?? values.get(value);
  for (const node of graph.nodes) {
    const kernel = table.get(node.op);
    if (kernel === undefined) throw new Error(`no kernel of ${node.op}`);
    const results = kernel(
      node,
      node.inputs.map((input) => input && read(input)),
      dirtyArena,
    );
    for (const [i, output] of node.outputs.entries()) values.set(output, results[i]);
  }
  return graph.outputs.map(({ value }) => read(value));
}
