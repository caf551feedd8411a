import { describe, expect, it } from 'vitest';
import {
  activationType,
  bnorm,
  conv,
  dequantize,
  globalSum,
  inputNorm,
  matMul,
  quantize,
} from '../../../../src/ir/ops/quantised/operators.js';
import { requantShift } from '../../../../src/ir/ops/quantised/requant-shift.js';
import type { DType } from '../../../../src/ir/dtype.js';
import type { Dim } from '../../../../src/ir/shape.js';
import { inferenceTable } from '../../../support/inference-table.js';
import { infer, type Given } from '../../../support/run-operator.js';

const of = (dtype: DType, ...shape: Dim[]): Given => ({ dtype, shape });

describe('activationType', () => {
  it('is the narrowest that holds both bounds', () => {
    const bounds = [
      [0, 255],
      [-1, 127],
      [-128, 127],
      [0, 256],
      [-1, 128],
      [-129, 0],
      [-1, 255],
    ] as const;
    expect(bounds.map(([lo, hi]) => activationType(lo, hi))).toEqual([
      'uint8',
      'int8',
      'int8',
      'int16',
      'int16',
      'int16',
      'int16',
    ]);
  });
});

describe('inference of the quantised dialect', () => {
  const range = { lo: -128, hi: 127 };

  it('types integers by their bounds, sums as int32, real numbers as float32', () => {
    const typeOf = (...given: Parameters<typeof infer>): DType | undefined => infer(...given)[0]?.type.dtype;
    const three = [of('int32', 3), of('int32', 1), of('int32', 3)];
    expect(typeOf(quantize, [of('float32', 2)], { scale: 0.5, lo: 0, hi: 15 })).toBe('uint8');
    expect(typeOf(bnorm, [of('int32', 'N', 3), ...three], { lo: -512, hi: 511 })).toBe('int16');
    expect(typeOf(globalSum, [of('int16', 'N', 3, 2, 2)])).toBe('int32');
    expect(typeOf(dequantize, [of('uint8', 2)], { scale: 0.5 })).toBe('float32');
    const one = [of('int64', 1), of('float64', 1)];
    const shifted = { shift: 3, ...range };
    expect(typeOf(requantShift, [of('int32', 'N', 3), ...one], shifted)).toBe('int8');
    expect(typeOf(requantShift, [of('float32', 'N', 3), ...one], shifted)).toBe('float32');
  });

  const window = { strides: [2, 1], pads: [1, 0, 2, 0], dilations: [1, 2], group: 1 };
  inferenceTable(conv, [
    // (8 + 1 + 2 - 3) / 2 + 1 rows, 6 - (2 · 2 + 1) + 1 columns.
    {
      title: 'a window with strides, pads and dilations',
      inputs: [of('int8', 'N', 4, 8, 6), of('int8', 5, 4, 3, 3)],
      attrs: window,
      gives: ['N', 5, 5, 2],
    },
    {
      title: 'a window that leaves a rest',
      inputs: [of('int8', 'N', 4, 9, 6), of('int8', 5, 4, 3, 3)],
      attrs: window,
      gives: ['N', 5, 5, 2],
    },
    {
      title: 'a window as large as the map',
      inputs: [of('uint8', 'N', 4, 3, 5), of('int4', 4, 1, 6, 3)],
      attrs: { ...window, group: 4 },
      gives: ['N', 4, 1, 1],
    },
    {
      title: 'channels that the weights tell',
      inputs: [of('int16', 'N', 'C', 8, 6), of('int2', 4, 2, 3, 3)],
      attrs: { ...window, group: 2 },
      gives: ['N', 4, 5, 2],
    },
    {
      title: 'a window larger than the map',
      inputs: [of('int8', 'N', 4, 3, 5), of('int8', 4, 4, 7, 3)],
      attrs: window,
      fault: ['shape-mismatch', 'the window of Conv (7) does not fit into 3 elements'],
    },
    {
      title: 'weights of other channels',
      inputs: [of('int8', 'N', 4, 8, 6), of('int8', 4, 4, 3, 3)],
      attrs: { ...window, group: 2 },
      fault: ['shape-mismatch', '4 input channels in 2 groups, weights 4x4x3x3'],
    },
    {
      title: 'outputs that groups do not divide',
      inputs: [of('int8', 'N', 4, 8, 6), of('int8', 5, 2, 3, 3)],
      attrs: { ...window, group: 2 },
      fault: ['shape-mismatch', 'in 2 groups'],
    },
    {
      title: 'no group',
      inputs: [of('int8', 'N', 4, 8, 6), of('int8', 4, 4, 3, 3)],
      attrs: { ...window, group: 0 },
      fault: ['shape-mismatch', 'in 0 groups'],
    },
    {
      title: 'weights of unknown size',
      inputs: [of('int8', 'N', 4, 8, 6), of('int8', 'M', 4, 3, 3)],
      attrs: window,
      fault: ['dynamic-shape', 'symbolic sizes'],
    },
    {
      title: 'unsigned weights',
      inputs: [of('int8', 'N', 4, 8, 6), of('uint8', 4, 4, 3, 3)],
      attrs: window,
      fault: ['unsupported-type', 'input 1 of Conv is uint8, accepted: int8, int4, int2'],
    },
    {
      title: 'an axis too few',
      inputs: [of('int8', 'N', 4, 8), of('int8', 4, 4, 3, 3)],
      attrs: window,
      fault: ['shape-mismatch', 'input 0 of Conv has shape Nx4x8, rank 4 is accepted'],
    },
    {
      title: 'weights with an axis too few',
      inputs: [of('int8', 'N', 4, 8, 6), of('int8', 4, 4, 3)],
      attrs: window,
      fault: ['shape-mismatch', 'input 1 of Conv has shape 4x4x3, rank 4 is accepted'],
    },
  ]);

  inferenceTable(matMul, [
    { title: 'a row a sample', inputs: [of('uint8', 'N', 3), of('int8', 3, 2)], gives: ['N', 2] },
    { title: 'features that the weights tell', inputs: [of('uint8', 'N', 'K'), of('int8', 3, 2)], gives: ['N', 2] },
    {
      title: 'other features',
      inputs: [of('uint8', 'N', 4), of('int8', 3, 2)],
      fault: ['shape-mismatch', 'MatMul multiplies 4 features by 3 rows'],
    },
    {
      title: 'a batch of matrices',
      inputs: [of('uint8', 'N', 4, 3), of('int8', 3, 2)],
      fault: ['shape-mismatch', 'rank 2 is accepted'],
    },
  ]);

  const three = [of('int32', 1), of('int32', 'C'), of('int32', 'C')];
  inferenceTable(bnorm, [
    {
      title: 'one entry for all, or one a channel',
      inputs: [of('int32', 'N', 'C', 2, 2), ...three],
      attrs: range,
      gives: ['N', 'C', 2, 2],
    },
    {
      title: 'another number of entries',
      inputs: [of('int32', 'N', 4), of('int32', 1), of('int32', 4), of('int32', 3)],
      attrs: range,
      fault: ['shape-mismatch', 'input 3 of Bnorm has shape 3, accepted: 4 or 1'],
    },
    {
      title: 'a number',
      inputs: [of('int32', 'N', 4), of('int32'), of('int32', 4), of('int32', 4)],
      attrs: range,
      fault: ['shape-mismatch', 'input 1 of Bnorm has shape'],
    },
    {
      title: 'entries in two axes',
      inputs: [of('int32', 'N', 4), of('int32', 4), of('int32', 4, 1), of('int32', 4)],
      attrs: range,
      fault: ['shape-mismatch', 'input 2 of Bnorm has shape 4x1'],
    },
    {
      title: 'no channels',
      inputs: [of('int32', 'N'), of('int32', 1), of('int32', 1), of('int32', 1)],
      attrs: range,
      fault: ['shape-mismatch', 'has no channel axis'],
    },
    {
      title: 'bounds out of order',
      inputs: [of('int32', 'N', 4), of('int32', 1), of('int32', 1), of('int32', 1)],
      attrs: { lo: 1, hi: 0 },
      fault: ['invalid-attribute', 'Bnorm clips to 1 … 0'],
    },
    {
      title: 'bounds above 16 bits',
      inputs: [of('int32', 'N', 4), of('int32', 1), of('int32', 1), of('int32', 1)],
      attrs: { lo: 0, hi: 32768 },
      fault: ['invalid-attribute', 'Bnorm clips to 0 … 32768'],
    },
    {
      title: 'all of 16 bits',
      inputs: [of('int32', 'N', 4), of('int32', 1), of('int32', 1), of('int32', 1)],
      attrs: { lo: -32768, hi: 32767 },
      gives: ['N', 4],
    },
  ]);

  const sequence = (bias: Given, scale = of('float32', 3, 1), shift = of('int32', 1)): Given[] => [
    of('float32', 'N', 3, 'L'),
    bias,
    scale,
    shift,
  ];
  inferenceTable(inputNorm, [
    {
      title: 'constants that broadcast into the data',
      inputs: sequence(of('float32', 1, 3, 1)),
      attrs: range,
      gives: ['N', 3, 'L'],
    },
    {
      title: 'a bias that does not broadcast',
      inputs: sequence(of('float32', 2, 1)),
      attrs: range,
      fault: ['shape-mismatch', 'input 1 of InputNorm has shape 2x1, it must broadcast into Nx3xL'],
    },
    {
      title: 'a shift that adds an axis',
      inputs: sequence(of('float32', 1), undefined, of('int32', 1, 1, 1, 1)),
      attrs: range,
      fault: ['shape-mismatch', 'input 3 of InputNorm has shape 1x1x1x1'],
    },
    {
      title: 'a shift that is no integer',
      inputs: sequence(of('float32', 1), undefined, of('float32', 1)),
      attrs: range,
      fault: ['unsupported-type', 'input 3 of InputNorm is float32, accepted: int32'],
    },
  ]);

  const multiplied = (x: DType, multiplier = of('int32', 3), addend = of('int64', 1)): Given[] => [
    of(x, 'N', 3),
    multiplier,
    addend,
  ];
  inferenceTable(requantShift, [
    { title: 'the largest shift', inputs: multiplied('int32'), attrs: { shift: 62, ...range }, gives: ['N', 3] },
    { title: 'no shift', inputs: multiplied('int8'), attrs: { shift: 0, ...range }, gives: ['N', 3] },
    {
      title: 'a larger shift',
      inputs: multiplied('int32'),
      attrs: { shift: 63, ...range },
      fault: ['invalid-attribute', 'shifts by 63 bits, 0 to 62 are accepted'],
    },
    {
      title: 'a negative shift',
      inputs: multiplied('int32'),
      attrs: { shift: -1, ...range },
      fault: ['invalid-attribute', 'shifts by -1 bits'],
    },
    {
      title: 'bounds of 24 bits on floats',
      inputs: multiplied('float32'),
      attrs: { shift: 1, lo: -(2 ** 24), hi: 2 ** 24 - 1 },
      gives: ['N', 3],
    },
    {
      title: 'wider bounds on floats',
      inputs: multiplied('float32'),
      attrs: { shift: 1, lo: 0, hi: 2 ** 24 },
      fault: ['invalid-attribute', 'clips to 0 … 16777216'],
    },
    {
      title: 'wider bounds on integers',
      inputs: multiplied('uint8'),
      attrs: { shift: 1, lo: -32769, hi: 0 },
      fault: ['invalid-attribute', 'accepted: ordered and within -32768 … 32767'],
    },
    {
      title: 'bounds out of order',
      inputs: multiplied('int16'),
      attrs: { shift: 1, lo: 5, hi: 4 },
      fault: ['invalid-attribute', 'clips to 5 … 4'],
    },
    {
      title: 'an addend that does not broadcast',
      inputs: multiplied('int32', of('float32', 1), of('int32', 2)),
      attrs: { shift: 1, ...range },
      fault: ['shape-mismatch', 'input 2 of RequantShift has shape 2'],
    },
    {
      title: 'a multiplier that does not broadcast',
      inputs: multiplied('int32', of('float64', 4, 1, 1)),
      attrs: { shift: 1, ...range },
      fault: ['shape-mismatch', 'input 1 of RequantShift has shape 4x1x1'],
    },
    {
      title: 'wide operands',
      inputs: multiplied('float64'),
      attrs: { shift: 1, ...range },
      fault: ['unsupported-type', 'input 0 of RequantShift is float64'],
    },
  ]);
});
