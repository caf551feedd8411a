import { describe, expect, it } from 'vitest';
import type { DType } from '../../../../src/ir/dtype.js';
import { importModel } from '../../../../src/ir/onnx/import.js';
import { Tensor } from '../../../../src/ir/tensor.js';
import { contribModel, runContrib } from '../../../support/contrib-node.js';
import { integerTensor } from '../../../support/integer-tensors.js';
import { describeDifference } from '../../../support/onnx-node-tests.js';

const list = (values: readonly number[]): Tensor => Tensor.float32([values.length], values);
const points = (dtype: DType, values: readonly number[]): Tensor => {
  const tensor = Tensor.zeros(dtype, [values.length]);
  for (const [i, value] of values.entries()) tensor.data[i] = value;
  return tensor;
};

const [one, each] = [list([0.013]), list([0.01, 0.02, 0.004])];
const addend = list([0.5, -20, 3]);
const w = integerTensor('int8', [6, 3], 2, 63);

/** The two float32 products may be taken in another order. */
const ROUNDING = { rtol: 2 ** -21, atol: 2 ** -21 };

describe('integer products that become real numbers', () => {
  it.each([
    ['without zero points', one, undefined, undefined, undefined],
    ['with zero points', one, points('uint8', [120]), points('int8', [-3]), undefined],
    ['with scales and zero points per column', each, points('uint8', [120]), points('int8', [-3, 0, 5]), undefined],
    ['with an addend', each, points('uint8', [7]), undefined, addend],
  ])('MatMulIntegerToFloat %s', async (_, scales, aZero, bZero, bias) => {
    const x = integerTensor('uint8', [2, 4, 6], 1, 255);
    const inputs = [x, w, list([0.037]), scales, aZero, bZero, ...(bias === undefined ? [] : [bias])];
    const { original, own, rewritten } = await runContrib({ op: 'MatMulIntegerToFloat', inputs });
    for (const other of [original, rewritten]) expect(describeDifference(own, other, ROUNDING)).toBeUndefined();
  });

  it.each([
    ['without a zero point', one, undefined, undefined],
    ['with a zero point per column', each, points('int8', [-3, 0, 5]), undefined],
    ['with an addend', each, undefined, addend],
  ])('DynamicQuantizeMatMul %s', async (_, scales, bZero, bias) => {
    const x = Tensor.float32(
      [4, 6],
      Array.from({ length: 24 }, (__, i) => Math.fround(Math.sin(i) * 3)),
    );
    const inputs = [x, w, scales, bZero, ...(bias === undefined ? [] : [bias])];
    const { original, own, rewritten } = await runContrib({ op: 'DynamicQuantizeMatMul', inputs });
    for (const other of [original, rewritten]) expect(describeDifference(own, other, ROUNDING)).toBeUndefined();
  });

  it('a scale that is missing is named', () => {
    const inputs = [integerTensor('uint8', [4, 6], 1, 255), w, list([0.037])];
    expect(() => importModel(contribModel({ op: 'MatMulIntegerToFloat', inputs }))).toThrow(
      'input 3 of com.microsoft.MatMulIntegerToFloat is missing',
    );
  });
});
