import { describe, expect, it } from 'vitest';
import { prepare } from '../../../src/runtime/executor.js';
import { FLOAT_KERNELS } from '../../../src/runtime/float/index.js';
import { describeDifference, hasNodeTests, loadNodeTest, nodeTestNames } from '../../support/onnx-node-tests.js';

const cases = nodeTestNames();

describe.skipIf(!hasNodeTests)('the ONNX backend suite', () => {
  it('has cases', () => {
    expect(cases.length).toBeGreaterThan(400);
  });

  it.each(cases)('%s', (name) => {
    const { model, data } = loadNodeTest(name);
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
