import { describe, expect, it } from 'vitest';
import { OPERATORS } from '../../../src/ir/ops/index.js';
import { uniformSource } from '../../../src/ir/random.js';
import { Tensor } from '../../../src/ir/tensor.js';
import { FLOAT_KERNELS } from '../../../src/runtime/float/index.js';
import { build } from '../../support/naive-tensor.js';
import { runNodeInOrt } from '../../support/one-node.js';
import { describeDifference } from '../../support/onnx-node-tests.js';
import { run, type AttributeInputs } from '../../support/run-operator.js';

const compute = (op: string, inputs: readonly Tensor[], attrs: AttributeInputs = {}): Tensor =>
  run(OPERATORS.get(op)!, [...FLOAT_KERNELS], inputs, attrs)[0]!;
const uniform = (dims: readonly number[], seed: number): Tensor => {
  const next = uniformSource(seed);
  return build('float32', dims, () => next());
};
/** Sums of up to 60 terms of at most 1, in float32 on one side. */
const TOLERANCE = { rtol: 1e-5, atol: 1e-6 };

describe('LpNormalization and Shrink', () => {
  it.each([
    [{}, [2, 3, 4]],
    [{ p: 1 }, [2, 3, 4]],
    [{ p: 2, axis: 1 }, [2, 3, 4]],
    [{ p: 1, axis: 0 }, [5, 1, 2]],
  ])('LpNormalization %j of %j is ONNX Runtime’s', async (attrs, dims) => {
    const x = uniform(dims, 1);
    const [expected] = await runNodeInOrt('LpNormalization', [x], attrs, ['float32']);
    expect(describeDifference(compute('LpNormalization', [x], attrs), expected!, TOLERANCE)).toBeUndefined();
  });

  it('LpNormalization leaves zeros', async () => {
    const x = Tensor.float32([2, 2], [0, 0, 3, 4]);
    const [expected] = await runNodeInOrt('LpNormalization', [x], {}, ['float32']);
    expect(compute('LpNormalization', [x])).toEqual(Tensor.float32([2, 2], [0, 0, 0.6, 0.8]));
    expect(expected?.toNumbers().slice(0, 2)).toEqual([0, 0]);
  });

  it('LpNormalization of another order is refused', () => {
    expect(() => compute('LpNormalization', [uniform([2], 1)], { p: 3 })).toThrow(
      'attribute p of LpNormalization is 3',
    );
  });

  it.each([{}, { lambd: { float: 0.25 }, bias: { float: 0.125 } }])('Shrink %j is ONNX Runtime’s', async (attrs) => {
    const x = uniform([50], 2);
    const [expected] = await runNodeInOrt('Shrink', [x], attrs, ['float32']);
    expect(describeDifference(compute('Shrink', [x], attrs), expected!, TOLERANCE)).toBeUndefined();
  });
});

describe('RMSNormalization', () => {
  // By operators that ONNX Runtime has in every version: x / sqrt(mean(x²) + epsilon) · scale.
  it.each([
    [-1, [3, 4, 5], [5], 1e-5],
    [1, [3, 4, 5], [4, 5], 0.1],
    [0, [3, 4, 5], [1, 1, 5], 1e-5],
    [2, [3, 4, 5], [3, 1, 1], 1e-5],
  ])('axis %i of %j with a scale of %j', (axis, dims, scaleDims, epsilon) => {
    const [x, scale] = [uniform(dims, 3), uniform(scaleDims, 4)];
    const size = dims.slice(axis).reduce((a, b) => a * b, 1);
    const result = compute('RMSNormalization', [x, scale], { axis, epsilon: { float: epsilon } });
    const strides = scaleDims.map((dim, i) => (dim === 1 ? 0 : scaleDims.slice(i + 1).reduce((a, b) => a * b, 1)));
    const expected = build('float32', dims, (coordinates) => {
      const place = coordinates.reduce((at, c, i) => at * dims[i]! + c, 0);
      const row = Array.from({ length: size }, (_, i) => Number(x.data[Math.floor(place / size) * size + i]));
      const mean = row.reduce((sum, v) => sum + v * v, 0) / size;
      const at = strides.reduce((sum, stride, i) => sum + stride * coordinates[i + dims.length - strides.length]!, 0);
      return (Number(x.data[place]) / Math.sqrt(mean + epsilon)) * Number(scale.data[at]);
    });
    expect(describeDifference(result, expected, TOLERANCE)).toBeUndefined();
  });

  it('a scale that does not broadcast is refused', () => {
    expect(() => compute('RMSNormalization', [uniform([2, 3], 1), uniform([2], 1)])).toThrow(
      'the scale of RMSNormalization has shape 2, which does not broadcast to the data 2x3',
    );
  });
});
