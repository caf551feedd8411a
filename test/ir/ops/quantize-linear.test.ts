import { describe, expect, it } from 'vitest';
import type { DType } from '../../../src/ir/dtype.js';
import { codeOfDType } from '../../../src/ir/onnx/data-type.js';
import { dequantizeLinear, dynamicQuantizeLinear, quantizeLinear } from '../../../src/ir/ops/quantize-linear.js';
import type { Dim } from '../../../src/ir/shape.js';
import { inferenceTable } from '../../support/inference-table.js';
import { infer, type AttributeInputs, type Given } from '../../support/run-operator.js';

const given = (dtype: DType, ...shape: Dim[]): Given => ({ dtype, shape });
const float = (...shape: Dim[]): Given => given('float32', ...shape);
const bytes = (...shape: Dim[]): Given => given('uint8', ...shape);

describe('granularity', () => {
  inferenceTable(quantizeLinear, [
    { title: 'one scale', inputs: [float('N', 3), float(), bytes()], gives: ['N', 3] },
    { title: 'one scale in a list', inputs: [float('N', 3), float(1), bytes(1)], gives: ['N', 3] },
    { title: 'a scalar scale and a zero point in a list', inputs: [float(3), float(), bytes(1)], gives: [3] },
    { title: 'one scale for a scalar', inputs: [float(), float()], gives: [] },
    { title: 'axis 1 by default', inputs: [float('N', 3), float(3), bytes(3)], gives: ['N', 3] },
    { title: 'a negative axis', inputs: [float(3, 4), float(3)], attrs: { axis: -2 }, gives: [3, 4] },
    { title: 'a symbolic axis', inputs: [float('N', 3), float(7)], attrs: { axis: 0 }, gives: ['N', 3] },
    { title: 'blocks', inputs: [float(5, 7), float(5, 3)], attrs: { axis: 1, block_size: 3 }, gives: [5, 7] },
    {
      title: 'blocks of a symbol',
      inputs: [float('N', 7), float(2, 7)],
      attrs: { axis: 0, block_size: 4 },
      gives: ['N', 7],
    },
    {
      title: 'too few scales',
      inputs: [float('N', 3), float(2)],
      fault: ['shape-mismatch', 'float32[Nx3] along axis 1 accepts a scalar or 3'],
    },
    { title: 'no such axis', inputs: [float(3), float(3)], fault: ['invalid-attribute', 'accepted: -1 to 0'] },
    {
      title: 'scales of two axes without blocks',
      inputs: [float(3, 4), float(3, 4)],
      fault: ['shape-mismatch', 'accepts a scalar or 4'],
    },
    {
      title: 'blocks that do not cover the axis',
      inputs: [float(5, 7), float(5, 2)],
      attrs: { block_size: 3 },
      fault: ['shape-mismatch', 'in blocks of 3 accepts a scalar or 5x3'],
    },
    {
      title: 'blocks of a negative size',
      inputs: [float(4), float(2)],
      attrs: { axis: 0, block_size: -2 },
      fault: ['invalid-attribute', 'block_size of QuantizeLinear is -2'],
    },
    {
      title: 'a zero point of another shape',
      inputs: [float('N', 3), float(3), bytes(2)],
      fault: ['shape-mismatch', 'the zero point of QuantizeLinear has shape 2, its scale 3'],
    },
    { title: 'no scale', inputs: [float(3)], fault: ['invalid-input', 'QuantizeLinear has 1 inputs'] },
  ]);
});

describe('element types', () => {
  const quantised = (zeroPoint: DType | undefined, attrs: AttributeInputs = {}): DType | undefined =>
    infer(quantizeLinear, [float(3), float(), zeroPoint && given(zeroPoint)], attrs)[0]?.type.dtype;

  it('follow the zero point, then output_dtype, then uint8', () => {
    expect(quantised(undefined)).toBe('uint8');
    expect(quantised(undefined, { output_dtype: codeOfDType('int4') })).toBe('int4');
    expect(quantised('int16', { output_dtype: codeOfDType('int16') })).toBe('int16');
    for (const dtype of [
      'uint8',
      'int8',
      'uint16',
      'int16',
      'uint4',
      'int4',
      'uint2',
      'int2',
      'float8e4m3fn',
      'float8e5m2fnuz',
      'float4e2m1',
    ] as const) {
      expect(quantised(dtype)).toBe(dtype);
    }
  });

  inferenceTable(quantizeLinear, [
    {
      title: 'two types for the result',
      inputs: [float(3), float(), bytes()],
      attrs: { output_dtype: codeOfDType('int8') },
      fault: ['unsupported-type', 'input 2 of QuantizeLinear is uint8, int8 is accepted'],
    },
    {
      title: 'a zero point of int32',
      inputs: [float(3), float(), given('int32')],
      fault: ['unsupported-type', 'the zero point of QuantizeLinear is int32'],
    },
    {
      title: 'powers of two',
      inputs: [float(3), float()],
      attrs: { output_dtype: codeOfDType('float8e8m0') },
      fault: ['unsupported-type', 'output_dtype of QuantizeLinear is float8e8m0'],
    },
    {
      title: 'a scale of float64',
      inputs: [float(3), given('float64')],
      fault: ['unsupported-type', 'the scale of QuantizeLinear is float64'],
    },
    {
      title: 'float64',
      inputs: [given('float64', 3), float()],
      fault: ['unsupported-type', 'QuantizeLinear of float64'],
    },
    {
      title: 'an integer precision',
      inputs: [float(3), float()],
      attrs: { precision: codeOfDType('int32') },
      fault: ['unsupported-type', 'attribute precision of QuantizeLinear is int32'],
    },
  ]);
  inferenceTable(dequantizeLinear, [
    { title: 'blocks', inputs: [bytes(5, 7), float(5, 3), bytes(5, 3)], attrs: { block_size: 3 }, gives: [5, 7] },
    {
      title: 'a zero point of another type',
      inputs: [bytes(3), float(), given('int8')],
      fault: ['unsupported-type', 'input 2 of DequantizeLinear is int8, uint8 is accepted'],
    },
    { title: 'int64', inputs: [given('int64', 3), float()], fault: ['unsupported-type', 'DequantizeLinear of int64'] },
  ]);

  it('of DequantizeLinear follow the scale, or output_dtype', () => {
    const dtype = (attrs: AttributeInputs): DType | undefined =>
      infer(dequantizeLinear, [given('int4', 3), given('float16')], attrs)[0]?.type.dtype;
    expect(dtype({})).toBe('float16');
    expect(dtype({ output_dtype: codeOfDType('float32') })).toBe('float32');
  });

  it('of DynamicQuantizeLinear are fixed', () => {
    expect(infer(dynamicQuantizeLinear, [float('N', 2)], {}, 3)).toEqual([
      { type: { dtype: 'uint8', shape: ['N', 2] } },
      { type: { dtype: 'float32', shape: [] } },
      { type: { dtype: 'uint8', shape: [] } },
    ]);
  });
});
