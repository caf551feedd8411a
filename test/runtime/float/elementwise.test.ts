import { describe, expect, it } from 'vitest';
import { ELEMENTWISE_OPERATORS } from '../../../src/ir/ops/elementwise.js';
import { operatorTable } from '../../../src/ir/ops/table.js';
import { ELEMENTWISE_KERNELS } from '../../../src/runtime/float/elementwise.js';
import { runGraph } from '../../support/compute.js';
import { describeDifference, hasNodeTests, loadNodeTest, nodeTestsOf } from '../../support/onnx-node-tests.js';

const names = ELEMENTWISE_OPERATORS.map(({ name }) => name);
const table = operatorTable(ELEMENTWISE_OPERATORS);

describe('the family', () => {
  it('has a kernel for every operator', () => {
    expect(ELEMENTWISE_KERNELS.map(([name]) => name).sort()).toEqual([...names].sort());
  });
});

describe.skipIf(!hasNodeTests)('cases of the ONNX backend suite', () => {
  it.each(nodeTestsOf(names))('%s', (name) => {
    const { model, data } = loadNodeTest(name, table);
    for (const { inputs, outputs } of data) {
      const results = runGraph(model.graph, ELEMENTWISE_KERNELS, inputs);
      for (const [i, expected] of outputs.entries()) expect(describeDifference(results[i], expected)).toBeUndefined();
    }
  });
});
