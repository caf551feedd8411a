import { describe, expect, it } from 'vitest';
import { AFFINE_INTEGER_OPERATORS } from '../../../../src/ir/ops/affine/operators.js';
import type { DType } from '../../../../src/ir/dtype.js';
import { Tensor } from '../../../../src/ir/tensor.js';
import { inferenceTable } from '../../../support/inference-table.js';
import { infer, type Given } from '../../../support/run-operator.js';

const operatorOf = (name: string) => AFFINE_INTEGER_OPERATORS.find((spec) => spec.name === name)!;
const given = (dtype: DType, ...shape: (number | string)[]): Given => ({ dtype, shape });
const byte = given('int8');
const real = given('float64');

describe('types of accumulators', () => {
  const dtypeOf = (depth: number | string, dtype: DType, bias?: Tensor): DType | undefined => {
    const inputs = [given(dtype, 'N', depth), given(dtype, depth, 3), given(dtype), given(dtype), bias];
    return infer(operatorOf('MatMul'), bias === undefined ? inputs.slice(0, 4) : inputs)[0]?.type.dtype;
  };
  const bias = (value: number): Tensor => new Tensor('int32', [3], Int32Array.of(0, value, 0));

  it('are int32 where that holds every sum', () => {
    expect(dtypeOf(2 ** 15 - 1, 'int8')).toBe('int32');
    expect(dtypeOf(2 ** 15, 'int8')).toBe('float64');
    expect(dtypeOf(64, 'int4')).toBe('int32');
    expect(dtypeOf(1, 'int16')).toBe('float64');
    expect(dtypeOf('K', 'int8')).toBe('float64');
    expect(dtypeOf(64, 'int8', bias(10 ** 9))).toBe('int32');
    expect(dtypeOf(64, 'int8', bias(-(2 ** 31)))).toBe('float64');
  });
});

inferenceTable(operatorOf('Conv'), [
  {
    title: 'a zero point for each filter',
    inputs: [given('uint8', 'N', 4, 8, 8), given('int8', 6, 2, 3, 3), given('uint8'), given('int8', 6)],
    attrs: { group: 2, pads: [1, 1, 1, 1] },
    gives: ['N', 6, 8, 8],
  },
  {
    title: 'a zero point of another type',
    inputs: [given('uint8', 'N', 4, 8), given('int8', 6, 4, 3), byte, byte],
    fault: ['unsupported-type', 'input 2'],
  },
  {
    title: 'as many zero points as channels of data',
    inputs: [given('int8', 'N', 4, 8), given('int8', 6, 4, 3), byte, given('int8', 4)],
    fault: ['shape-mismatch', 'accepted: 6 or a scalar'],
  },
  {
    title: 'data of 32 bits',
    inputs: [given('int32', 'N', 4, 8), given('int8', 6, 4, 3), given('int32'), byte],
    fault: ['unsupported-type', 'input 0 of Conv is int32'],
  },
]);

inferenceTable(operatorOf('MatMul'), [
  {
    title: 'a list',
    inputs: [given('int8', 4), given('int8', 4, 3), byte, byte],
    fault: ['shape-mismatch', 'input 0 of MatMul is no matrix'],
  },
]);

inferenceTable(operatorOf('Requantize'), [
  {
    title: 'a multiplier for each channel',
    inputs: [given('int32', 'N', 3, 5), given('float64', 3, 1), byte],
    gives: ['N', 3, 5],
  },
  {
    title: 'multipliers that enlarge the result',
    inputs: [given('int32', 'N', 3, 1), given('float64', 3, 5), byte],
    fault: ['shape-mismatch', 'it must broadcast into'],
  },
  {
    title: 'bounds beyond the type',
    inputs: [given('int32', 'N', 3), real, byte],
    attrs: { lo: 0, hi: 128 },
    fault: ['invalid-attribute', 'clips to 0 … 128'],
  },
]);

inferenceTable(operatorOf('Add'), [
  {
    title: 'sizes that do not go together',
    inputs: [given('int8', 2), given('int8', 3), byte, byte, real, real, byte],
    fault: ['shape-mismatch', 'does not broadcast'],
  },
]);

inferenceTable(operatorOf('ReduceMean'), [
  {
    title: 'axes that are computed',
    inputs: [given('int8', 2, 3), byte, real, byte, given('int64', 1)],
    fault: ['dynamic-shape', 'not constant'],
  },
]);

inferenceTable(operatorOf('Table'), [
  { title: 'as many entries as integers', inputs: [given('int4', 'N'), given('uint8', 16)], gives: ['N'] },
  {
    title: 'too few entries',
    inputs: [given('int8', 'N'), given('uint8', 16)],
    fault: ['shape-mismatch', '256 entries are accepted for int8'],
  },
]);

/** A legal call of each operator whose result is requantised, and what its inputs are. */
const REQUANTISED = [
  { name: 'Add', inputs: [given('int8', 'N', 3), given('uint8', 3), byte, given('uint8'), real, real, byte] },
  { name: 'Mul', inputs: [given('int8', 'N', 3), given('uint8', 3), byte, given('uint8'), real, byte] },
  {
    name: 'AveragePool',
    inputs: [given('int8', 'N', 3, 8, 8), byte, real, given('uint8')],
    attrs: { kernel_shape: [2, 2] },
  },
  { name: 'ReduceMean', inputs: [given('int8', 'N', 3), byte, real, given('uint8'), Tensor.int64([1])] },
] as const;

describe.each(REQUANTISED)('zero points and multipliers of qa.$name', (row) => {
  const attrs = 'attrs' in row ? row.attrs : {};
  const inputs: readonly (Given | Tensor)[] = row.inputs;
  const scalars = [...inputs.keys()].filter((i) => {
    const input = inputs[i];
    return input !== undefined && !(input instanceof Tensor) && input.shape?.length === 0;
  });
  const call = (index: number, other: Given): (() => unknown) => {
    return () => infer(operatorOf(row.name), inputs.with(index, other), attrs);
  };

  it('are legal as they stand, and the last zero point gives the type of the result', () => {
    const zero = inputs[scalars.at(-1) ?? -1];
    expect(infer(operatorOf(row.name), inputs, attrs)[0]?.type.dtype).toBe(zero?.dtype);
  });

  it.each(scalars)('input %i is a scalar of one type', (index) => {
    expect(call(index, { dtype: inputs[index]?.dtype ?? 'int8', shape: [3] })).toThrow(
      `input ${index} of ${row.name} has shape 3, accepted: a scalar`,
    );
    expect(call(index, given('float32'))).toThrow(`input ${index} of ${row.name}`);
    // The zero point of the result may be of any integer type; every other belongs to an operand of another type here.
    if (index !== scalars.at(-1)) expect(call(index, given('int16'))).toThrow(`input ${index} of ${row.name}`);
  });
});
