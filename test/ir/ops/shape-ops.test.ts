import { describe, expect, it } from 'vitest';
import { expand, tile } from '../../../src/ir/ops/expand.js';
import { constantOfShape, range } from '../../../src/ir/ops/fill.js';
import { pad } from '../../../src/ir/ops/pad.js';
import { resize } from '../../../src/ir/ops/resize.js';
import { nonZero, oneHot, reverseSequence, trilu } from '../../../src/ir/ops/select.js';
import { shapeOf, size } from '../../../src/ir/ops/shape-of.js';
import { SHAPE_OPERATORS } from '../../../src/ir/ops/shape-ops.js';
import { operatorTable } from '../../../src/ir/ops/table.js';
import { depthToSpace, spaceToDepth, transpose } from '../../../src/ir/ops/transpose.js';
import { Tensor } from '../../../src/ir/tensor.js';
import { inferenceTable } from '../../support/inference-table.js';
import { infer, integers, type Given } from '../../support/run-operator.js';

const x = (...shape: (number | string)[]): Given => ({ shape });
const unknown = (...shape: (number | string)[]): Given => ({ dtype: 'int64', shape });
const floats = (...values: number[]): Tensor => Tensor.float32([values.length], values);
const int = (value: number | string): Given => ({ dtype: 'int64', shape: [], contents: [value] });

it('names every operator once', () => {
  expect(operatorTable(SHAPE_OPERATORS).size).toBe(SHAPE_OPERATORS.length);
});

describe('Transpose', () => {
  inferenceTable(transpose, [
    { title: 'reversal by default', inputs: [x('N', 3, 4)], gives: [4, 3, 'N'] },
    { title: 'perm', inputs: [x('N', 3, 'H', 'W')], attrs: { perm: [0, 2, 3, 1] }, gives: ['N', 'H', 'W', 3] },
    { title: 'contents of a list', inputs: [integers('N', 3)], gives: [2], contents: ['N', 3] },
    { title: 'an axis twice', inputs: [x(1, 2)], attrs: { perm: [0, 0] }, fault: ['invalid-attribute', '[0, 0]'] },
    { title: 'an axis missing', inputs: [x(1, 2)], attrs: { perm: [0] }, fault: ['invalid-attribute', '[0]'] },
    { title: 'negative axis', inputs: [x(1, 2)], attrs: { perm: [0, -1] }, fault: ['invalid-attribute', '[0, -1]'] },
  ]);
});

describe('DepthToSpace and SpaceToDepth', () => {
  inferenceTable(depthToSpace, [
    { title: 'block 2', inputs: [x('N', 8, 3, 'W')], attrs: { blocksize: 2 }, gives: ['N', 2, 6, '?1'] },
    { title: 'block 1', inputs: [x('N', 8, 'H', 'W')], attrs: { blocksize: 1 }, gives: ['N', 8, 'H', 'W'] },
    {
      title: 'channels left over',
      inputs: [x(1, 6, 3, 3)],
      attrs: { blocksize: 2 },
      fault: ['shape-mismatch', 'multiples of 4'],
    },
    { title: 'no image', inputs: [x(8, 3, 3)], attrs: { blocksize: 2 }, fault: ['shape-mismatch', 'N, C, H, W'] },
    { title: 'block 0', inputs: [x(1, 6, 3, 3)], attrs: { blocksize: 0 }, fault: ['invalid-attribute', 'is 0'] },
    { title: 'no block', inputs: [x(1, 6, 3, 3)], fault: ['invalid-attribute', 'blocksize'] },
    {
      title: 'unknown mode',
      inputs: [x(1, 4, 3, 3)],
      attrs: { blocksize: 2, mode: 'RCD' },
      fault: ['unsupported-attribute', 'RCD'],
    },
  ]);
  inferenceTable(spaceToDepth, [
    { title: 'block 2', inputs: [x('N', 2, 6, 'W')], attrs: { blocksize: 2 }, gives: ['N', 8, 3, '?1'] },
    { title: 'rows left over', inputs: [x(1, 2, 5, 4)], attrs: { blocksize: 2 }, fault: ['shape-mismatch', 'height'] },
  ]);
});

describe('Shape and Size', () => {
  inferenceTable(shapeOf, [
    { title: 'all sizes', inputs: [x('N', 3, 4)], gives: [3], contents: ['N', 3, 4] },
    { title: 'a range', inputs: [x('N', 3, 4)], attrs: { start: 1, end: -1 }, gives: [1], contents: [3] },
    { title: 'clamped', inputs: [x('N', 3)], attrs: { start: -9, end: 9 }, gives: [2], contents: ['N', 3] },
    { title: 'empty', inputs: [x('N', 3)], attrs: { start: 2, end: 1 }, gives: [0], contents: [] },
    { title: 'a scalar', inputs: [x()], gives: [0], contents: [] },
  ]);
  inferenceTable(size, [
    { title: 'known', inputs: [x(3, 4)], gives: [], contents: [12] },
    { title: 'a symbol', inputs: [x('N', 1)], gives: [], contents: ['N'] },
    { title: 'a product', inputs: [x('N', 2)], gives: [] },
  ]);
});

describe('Expand and Tile', () => {
  inferenceTable(expand, [
    { title: 'both ways', inputs: [x(3, 1), integers(2, 1, 6)], gives: [2, 3, 6] },
    { title: 'to a symbol', inputs: [x(1, 3), integers('N', 1)], gives: ['N', 3] },
    { title: 'of a symbol', inputs: [x('N', 1), integers(1, 4)], gives: ['N', 4] },
    { title: 'contents', inputs: [integers(7), integers(3)], gives: [3], contents: [7, 7, 7] },
    { title: 'an unknown shape', inputs: [x(1, 3), unknown(1)], gives: ['?1', '?2'] },
    { title: 'unknown rank', inputs: [x(1), unknown('R')], fault: ['dynamic-shape', 'axes'] },
    { title: 'no broadcasting', inputs: [x(3), integers(2)], fault: ['shape-mismatch', '3 to 2'] },
    { title: 'negative size', inputs: [x(3), integers(-1)], fault: ['invalid-input', '[-1]'] },
  ]);
  inferenceTable(tile, [
    { title: 'repeats', inputs: [x(2, 3), integers(2, 1)], gives: [4, 3] },
    { title: 'none', inputs: [x('N', 3), integers(0, 2)], gives: [0, 6] },
    { title: 'symbols', inputs: [x('N', 1), integers(1, 'M')], gives: ['N', 'M'] },
    { title: 'products', inputs: [x('N', 2), integers(2, 'M')], gives: ['?1', '?2'] },
    { title: 'contents', inputs: [integers('N', 3), integers(2)], gives: [4], contents: ['N', 3, 'N', 3] },
    { title: 'unknown repeats', inputs: [x(2), unknown(1)], gives: ['?1'] },
    { title: 'too few', inputs: [x(2, 3), integers(2)], fault: ['shape-mismatch', '1 repeats'] },
    { title: 'negative', inputs: [x(2), integers(-1)], fault: ['invalid-input', '-1'] },
  ]);
});

describe('Pad', () => {
  inferenceTable(pad, [
    { title: 'all axes', inputs: [x(2, 3), integers(0, 1, 0, 2)], gives: [2, 6] },
    { title: 'some axes', inputs: [x('N', 3), integers(1, 2), undefined, integers(-1)], gives: ['N', 6] },
    { title: 'negative', inputs: [x(5), integers(-1, -2)], gives: [2] },
    { title: 'symbols without pads', inputs: [x('N', 3), integers(0, 1, 0, 1)], gives: ['N', 5] },
    { title: 'a shifted symbol', inputs: [x('N'), integers(1, -1)], gives: ['N'] },
    { title: 'a padded symbol', inputs: [x('N'), integers(1, 0)], gives: ['?1'] },
    { title: 'unknown pads', inputs: [x(3, 4), unknown(4)], gives: ['?1', '?2'] },
    { title: 'unknown axes', inputs: [x(3, 4), integers(1, 1), undefined, unknown(1)], gives: ['?1', '?2'] },
    { title: 'odd count', inputs: [x(3, 4), integers(1, 1)], fault: ['shape-mismatch', '2 pads for 2 axes'] },
    { title: 'takes more than there is', inputs: [x(2), integers(-1, -2)], fault: ['invalid-input', '-1 and -2'] },
    {
      title: 'takes more than there is, gives back',
      inputs: [x(2), integers(-3, 3)],
      fault: ['invalid-input', '-3 and 3'],
    },
    {
      title: 'nothing to mirror',
      inputs: [x(0), integers(1, 1)],
      attrs: { mode: 'reflect' },
      fault: ['shape-mismatch', 'reflect'],
    },
    {
      title: 'unknown mode',
      inputs: [x(2), integers(1, 1)],
      attrs: { mode: 'mirror' },
      fault: ['unsupported-attribute', 'mirror'],
    },
    { title: 'value of another type', inputs: [x(2), integers(1, 1), int(0)], fault: ['unsupported-type', 'int64'] },
    { title: 'several values', inputs: [x(2), integers(1, 1), floats(1, 2)], fault: ['shape-mismatch', 'scalar'] },
  ]);
});

describe('ConstantOfShape and Range', () => {
  const two = new Tensor('int64', [1], BigInt64Array.of(2n));
  inferenceTable(constantOfShape, [
    { title: 'known', inputs: [integers(2, 3)], gives: [2, 3] },
    { title: 'a symbol', inputs: [integers('N', 3)], gives: ['N', 3] },
    { title: 'a scalar', inputs: [integers()], attrs: { value: two }, gives: [], contents: [2] },
    { title: 'contents', inputs: [integers(3)], attrs: { value: two }, gives: [3], contents: [2, 2, 2] },
    { title: 'unknown sizes', inputs: [unknown(2)], gives: ['?1', '?2'] },
    { title: 'unknown rank', inputs: [unknown('R')], fault: ['dynamic-shape', 'axes'] },
    { title: 'negative', inputs: [integers(-1)], fault: ['invalid-input', '[-1]'] },
    {
      title: 'two values',
      inputs: [integers(1)],
      attrs: { value: floats(1, 2) },
      fault: ['invalid-attribute', '2 elements'],
    },
  ]);
  it('takes the type of its value', () => {
    expect(infer(constantOfShape, [integers(1)])[0]?.type.dtype).toBe('float32');
    expect(infer(constantOfShape, [integers(1)], { value: two })[0]?.type.dtype).toBe('int64');
  });
  inferenceTable(range, [
    { title: 'integers', inputs: [int(1), int(10), int(3)], gives: [3], contents: [1, 4, 7] },
    { title: 'backwards', inputs: [int(3), int(0), int(-1)], gives: [3], contents: [3, 2, 1] },
    { title: 'nothing', inputs: [int(3), int(0), int(1)], gives: [0], contents: [] },
    { title: 'up to a symbol', inputs: [int(0), int('N'), int(1)], gives: ['N'] },
    { title: 'part of a symbol', inputs: [int(1), int('N'), int(1)], gives: ['?1'] },
    { title: 'floats', inputs: [floats(0), floats(1), floats(0.25)], gives: [4] },
    { title: 'unknown', inputs: [unknown(), unknown(), unknown()], gives: ['?1'] },
    { title: 'delta 0', inputs: [int(0), int(3), int(0)], fault: ['invalid-input', 'delta'] },
    { title: 'no end', inputs: [floats(0), floats(Infinity), floats(1)], fault: ['invalid-input', 'finite'] },
    { title: 'types differ', inputs: [int(0), floats(1), int(1)], fault: ['unsupported-type', 'float32'] },
    { title: 'not a scalar', inputs: [integers(0, 1), int(1), int(1)], fault: ['shape-mismatch', 'scalar'] },
  ]);
});

describe('Resize', () => {
  inferenceTable(resize, [
    { title: 'scales', inputs: [x(1, 2, 4, 5), undefined, floats(1, 1, 0.6, 2)], gives: [1, 2, 2, 10] },
    { title: 'sizes', inputs: [x(1, 2, 4, 5), undefined, undefined, integers(1, 2, 7, 3)], gives: [1, 2, 7, 3] },
    { title: 'empty scales beside sizes', inputs: [x(4), floats(), floats(), integers(7)], gives: [7] },
    { title: 'symbols that stay', inputs: [x('N', 2, 'H'), undefined, floats(1, 2, 2)], gives: ['N', 4, '?1'] },
    {
      title: 'sizes with symbols',
      inputs: [x('N', 2, 4), undefined, undefined, integers('N', 2, 8)],
      gives: ['N', 2, 8],
    },
    {
      title: 'axes',
      inputs: [x('N', 3, 4), undefined, floats(2), undefined],
      attrs: { axes: [-1] },
      gives: ['N', 3, 8],
    },
    { title: 'unknown scales', inputs: [x(2, 3), undefined, { shape: [2] }], gives: ['?1', '?2'] },
    { title: 'unknown sizes', inputs: [x(2, 3), undefined, undefined, unknown(2)], gives: ['?1', '?2'] },
    {
      title: 'not larger',
      inputs: [x(2, 4), undefined, undefined, integers(7, 8)],
      attrs: { keep_aspect_ratio_policy: 'not_larger' },
      gives: [4, 8],
    },
    {
      title: 'not smaller',
      inputs: [x('N', 2, 4), undefined, undefined, integers(7, 8)],
      attrs: { keep_aspect_ratio_policy: 'not_smaller', axes: [1, 2] },
      gives: ['N', 7, 14],
    },
    {
      title: 'a cropped axis',
      inputs: [x(8), floats(0.25, 0.75), floats(2)],
      attrs: { coordinate_transformation_mode: 'tf_crop_and_resize' },
      gives: [16],
    },
    // 10 · 0.7 in float32 is 7, although the nearest float32 to 0.7 lies below it.
    { title: 'scales in float32', inputs: [x(10), undefined, floats(0.7)], gives: [7] },
    { title: 'both', inputs: [x(4), undefined, floats(2), integers(8)], fault: ['invalid-input', 'both'] },
    { title: 'neither', inputs: [x(4)], fault: ['invalid-input', 'neither'] },
    { title: 'too few scales', inputs: [x(4, 4), undefined, floats(2)], fault: ['shape-mismatch', '1 scales, 2'] },
    { title: 'scale 0', inputs: [x(4), undefined, floats(0)], fault: ['invalid-input', 'is 0'] },
    { title: 'scale NaN', inputs: [x(4), undefined, floats(NaN)], fault: ['invalid-input', 'NaN'] },
    { title: 'negative size', inputs: [x(4), undefined, undefined, integers(-1)], fault: ['shape-mismatch', '-1'] },
    {
      title: 'something from nothing',
      inputs: [x(0), undefined, undefined, integers(3)],
      fault: ['shape-mismatch', '0 into 3'],
    },
    {
      title: 'an axis twice',
      inputs: [x(4, 4), undefined, floats(2, 2)],
      attrs: { axes: [0, -2] },
      fault: ['invalid-attribute', 'once'],
    },
    {
      title: 'linear flags',
      inputs: [{ dtype: 'bool', shape: [4] }, undefined, floats(2)],
      attrs: { mode: 'linear' },
      fault: ['unsupported-type', 'bool'],
    },
    {
      title: 'unknown mode',
      inputs: [x(4), undefined, floats(2)],
      attrs: { mode: 'lanczos' },
      fault: ['unsupported-attribute', 'lanczos'],
    },
    {
      title: 'no region',
      inputs: [x(4), undefined, floats(2)],
      attrs: { coordinate_transformation_mode: 'tf_crop_and_resize' },
      fault: ['invalid-input', 'roi'],
    },
  ]);
});

describe('OneHot, NonZero, Trilu and ReverseSequence', () => {
  inferenceTable(oneHot, [
    { title: 'last axis', inputs: [unknown('N', 2), int(5), floats(0, 1)], gives: ['N', 2, 5] },
    { title: 'first axis, float depth', inputs: [x(2), floats(5), floats(0, 1)], attrs: { axis: 0 }, gives: [5, 2] },
    { title: 'a symbolic depth', inputs: [unknown(2), int('C'), floats(0, 1)], gives: [2, 'C'] },
    { title: 'an unknown depth', inputs: [unknown(2), unknown(), floats(0, 1)], gives: [2, '?1'] },
    { title: 'depth 0', inputs: [unknown(2), int(0), floats(0, 1)], fault: ['invalid-input', 'is 0'] },
    { title: 'three values', inputs: [unknown(2), int(2), floats(0, 1, 2)], fault: ['shape-mismatch', 'two elements'] },
    {
      title: 'axis out of range',
      inputs: [unknown(2), int(2), floats(0, 1)],
      attrs: { axis: 2 },
      fault: ['invalid-attribute', 'is 2'],
    },
  ]);
  inferenceTable(nonZero, [{ title: 'coordinates', inputs: [x(2, 'N', 3)], gives: [3, '?1'] }]);
  inferenceTable(trilu, [
    { title: 'the shape of the input', inputs: [x('N', 3, 4), int(1)], gives: ['N', 3, 4] },
    { title: 'a list', inputs: [x(3)], fault: ['shape-mismatch', 'two or more'] },
    { title: 'several diagonals', inputs: [x(3, 3), integers(1, 2)], fault: ['shape-mismatch', 'scalar'] },
  ]);
  inferenceTable(reverseSequence, [
    { title: 'the shape of the input', inputs: [x('T', 'N', 3), unknown('N')], gives: ['T', 'N', 3] },
    { title: 'lengths off', inputs: [x(4, 3), unknown(4)], fault: ['shape-mismatch', 'batch of 3'] },
    {
      title: 'equal axes',
      inputs: [x(4, 3), unknown(4)],
      attrs: { batch_axis: 0 },
      fault: ['invalid-attribute', 'differ'],
    },
  ]);
});
