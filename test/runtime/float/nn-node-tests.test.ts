import { describe, expect, it } from 'vitest';
import { OPERATORS } from '../../../src/ir/ops/index.js';
import { NN_OPERATORS } from '../../../src/ir/ops/nn.js';
import { prepare } from '../../../src/runtime/executor.js';
import { FLOAT_KERNELS } from '../../../src/runtime/float/index.js';
import { describeDifference, hasNodeTests, loadNodeTest, nodeTestsOf } from '../../support/onnx-node-tests.js';

const names = NN_OPERATORS.map(({ name }) => name);
const cases = nodeTestsOf(names);

describe.skipIf(!hasNodeTests)('the ONNX backend suite', () => {
  it('has cases of the operators', () => {
    expect(cases.length).toBeGreaterThan(60);
  });

  it.each(cases)('%s', (name) => {
    const { model, data } = loadNodeTest(name, OPERATORS);
    const program = prepare(model.graph, FLOAT_KERNELS);
    expect(data.length).toBeGreaterThan(0);
    for (const { inputs, outputs } of data) {
      const feeds = new Map(model.graph.inputs.map((input, i) => [input.name, inputs[i]!]));
      const results = [...program.run(feeds).values()];
      expect(results).toHaveLength(outputs.length);
      for (const [i, expected] of outputs.entries()) expect(describeDifference(results[i], expected)).toBeUndefined();
    }
  });
});
