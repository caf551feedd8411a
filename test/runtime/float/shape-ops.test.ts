import { describe, expect, it } from 'vitest';
import type { Graph, Value } from '../../../src/ir/graph.js';
import { SHAPE_OPERATORS } from '../../../src/ir/ops/shape-ops.js';
import { operatorTable } from '../../../src/ir/ops/table.js';
import type { Tensor } from '../../../src/ir/tensor.js';
import { SHAPE_KERNELS } from '../../../src/runtime/float/shape-ops.js';
import { describeDifference, hasNodeTests, loadNodeTest, nodeTestsOf } from '../../support/onnx-node-tests.js';
import { dirtyArena } from '../../support/run-operator.js';

const operators = operatorTable(SHAPE_OPERATORS);
const kernels = new Map(SHAPE_KERNELS);

it('has a kernel for every operator', () => {
  expect([...kernels.keys()].sort()).toEqual(SHAPE_OPERATORS.map(({ name }) => name).sort());
});

function outputsOf(graph: Graph, inputs: readonly Tensor[]): (Tensor | undefined)[] {
  const known = new Map<Value, Tensor>();
  for (const [i, value] of graph.inputs.entries()) {
    const tensor = inputs[i];
    if (tensor !== undefined) known.set(value, tensor);
  }
  const read = (value: Value | undefined): Tensor | undefined => value && (value.constant ?? known.get(value));
  for (const node of graph.nodes) {
    const results = kernels.get(node.op)?.(node, node.inputs.map(read), dirtyArena) ?? [];
    for (const [i, tensor] of results.entries()) {
      const value = node.outputs[i];
      if (value !== undefined) known.set(value, tensor);
    }
  }
  return graph.outputs.map(({ value }) => read(value));
}

const names = nodeTestsOf([...SHAPE_OPERATORS.map(({ name }) => name), 'Upsample']);

describe.skipIf(!hasNodeTests)('ONNX backend suite', () => {
  it('has cases', () => {
    expect(names.length).toBeGreaterThanOrEqual(99);
  });

  it.each(names)('%s', (name) => {
    const { model, data } = loadNodeTest(name, operators);
    expect(data.length).toBeGreaterThan(0);
    for (const { inputs, outputs } of data) {
      const results = outputsOf(model.graph, inputs);
      for (const [i, wanted] of outputs.entries()) expect(describeDifference(results[i], wanted)).toBeUndefined();
    }
  });
});
