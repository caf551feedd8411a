import { describe, expect, it } from 'vitest';
import { prepare } from '../../../src/runtime/executor.js';
import { FLOAT_KERNELS } from '../../../src/runtime/float/index.js';
import { describeDifference, hasNodeTests, loadNodeTest, nodeTestNames } from '../../support/onnx-node-tests.js';
import { REFUSED_NODE_TESTS } from '../../support/refused-node-tests.js';

const refused = new Set([...REFUSED_NODE_TESTS.values()].flat());
const cases = nodeTestNames().filter((name) => !refused.has(name));

describe.skipIf(!hasNodeTests)('the ONNX backend suite', () => {
  it('has cases beside those that are refused', () => {
    expect(cases.length).toBeGreaterThan(370);
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
