import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { exportModel } from '../../../src/ir/onnx/export.js';
import { OPERATORS } from '../../../src/ir/ops/index.js';
import { Tensor } from '../../../src/ir/tensor.js';
import { verifyGraph } from '../../../src/ir/verify.js';
import {
  describeDifference,
  hasNodeTests,
  loadNodeTest,
  nodeTestFile,
  nodeTestNames,
  nodeTestOperators,
  nodeTestsOf,
} from '../../support/onnx-node-tests.js';
import { ortKnows, runInOrt } from '../../support/ort-session.js';

const cases = nodeTestNames().map((name) => [name, loadNodeTest(name)] as const);

describe.skipIf(!hasNodeTests)('cases of the ONNX backend suite', () => {
  it('are there', () => {
    expect(cases.length).toBeGreaterThan(400);
  });

  it.each(cases)('%s has a valid graph whose types fit the data', (_, { model, data }) => {
    const { graph } = model;
    expect(verifyGraph(graph, OPERATORS)).toEqual([]);
    expect(data.length).toBeGreaterThan(0);
    for (const { inputs, outputs } of data) {
      expect(inputs).toHaveLength(graph.inputs.length);
      expect(outputs).toHaveLength(graph.outputs.length);
      for (const [i, { value }] of graph.outputs.entries()) {
        const expected = outputs[i];
        expect(expected?.dtype).toBe(value.type.dtype);
        expect(expected?.rank).toBe(value.type.shape.length);
        expect(value.type.shape.map((dim, axis) => (typeof dim === 'number' ? expected?.dims[axis] : dim))).toEqual(
          value.type.shape,
        );
      }
    }
  });

  const runnable = cases.filter(([, { data }]) =>
    data.every(({ inputs, outputs }) => [...inputs, ...outputs].every(({ dtype }) => ortKnows(dtype))),
  );

  it.each(runnable)('%s computes the same when written anew', async (name, { model, data }) => {
    const opset = Math.max(model.metadata.opset, 21);
    const feeds = new Map(
      model.graph.inputs.map((input, i) => [input.name, data[0]?.inputs[i] ?? Tensor.float32([0], [])]),
    );
    const original = await runInOrt(readFileSync(nodeTestFile(name)), feeds).catch(() => undefined);
    // What this version of ONNX Runtime cannot run at all says nothing of the writer.
    if (original === undefined) return;
    const actual = await runInOrt(exportModel(model.graph, { opset }), feeds);
    for (const [output, expected] of original) {
      expect(describeDifference(actual.get(output), expected, { rtol: 0, atol: 0 })).toBeUndefined();
    }
  });

  it('are found by their operators', () => {
    const names = nodeTestsOf(['Relu', 'Clip']);
    expect(names).toContain('test_relu');
    expect(
      names.every((name) => [...nodeTestOperators(name)].every((op) => ['Relu', 'Clip', 'Constant'].includes(op))),
    ).toBe(true);
    expect(nodeTestsOf(['Relu'], ['test_relu'])).toEqual(['test_constant']);
  });
});

describe('describeDifference', () => {
  const one = (value: number, dtype: 'float32' | 'int32' = 'float32'): Tensor =>
    dtype === 'float32' ? Tensor.float32([1], [value]) : new Tensor('int32', [1], Int32Array.of(value));

  it.each([
    [one(1.0009), one(1)],
    [one(NaN), one(NaN)],
    [one(-Infinity), one(-Infinity)],
    [one(0), one(-0)],
    [one(3, 'int32'), one(3, 'int32')],
  ])('accepts %o for %o', (actual, expected) => expect(describeDifference(actual, expected)).toBeUndefined());

  it.each([
    [one(1.002), one(1), 'element 0 is 1.00'],
    [one(1), one(NaN), 'element 0 is 1, expected NaN'],
    [one(NaN), one(1), 'element 0 is NaN, expected 1'],
    [one(1e30), one(Infinity), 'expected Infinity'],
    [one(Infinity), one(1), 'element 0 is Infinity, expected 1'],
    [one(1001, 'int32'), one(1000, 'int32'), 'element 0 is 1001, expected 1000'],
    [one(1, 'int32'), one(1), 'the type is int32, expected float32'],
    [one(1).reshape([1, 1]), one(1), 'the dims are [1,1], expected [1]'],
    [undefined, one(1), 'there is no result'],
  ])('refuses %o for %o', (actual, expected, message) =>
    expect(describeDifference(actual, expected)).toContain(message),
  );
});
