import { describe } from 'vitest';
import { flatten, reshape } from '../../../src/ir/ops/reshape.js';
import { squeeze, unsqueeze } from '../../../src/ir/ops/squeeze.js';
import { Tensor } from '../../../src/ir/tensor.js';
import { inferenceTable } from '../../support/inference-table.js';
import { integers, type Given } from '../../support/run-operator.js';

const x = (...shape: (number | string)[]): Given => ({ shape });

describe('Reshape', () => {
  inferenceTable(reshape, [
    { title: 'known sizes', inputs: [x(2, 3, 4), integers(4, 6)], gives: [4, 6] },
    { title: '-1 takes the rest', inputs: [x(2, 3, 4), integers(2, -1)], gives: [2, 12] },
    { title: '0 copies', inputs: [x(2, 3, 4), integers(0, -1)], gives: [2, 12] },
    { title: '0 copies a symbol', inputs: [x('N', 3, 4), integers(0, -1)], gives: ['N', 12] },
    { title: '0 copies at its own place', inputs: [x('N', 3, 4), integers(3, 0, -1)], gives: [3, 3, '?1'] },
    { title: 'a symbol in the shape cancels', inputs: [x('N', 16, 1, 1), integers('N', -1)], gives: ['N', 16] },
    { title: '-1 becomes the symbol', inputs: [x('N', 16, 1, 1), integers(-1, 16)], gives: ['N', 16] },
    { title: '-1 of a product is fresh', inputs: [x('N', 16), integers(-1, 8)], gives: ['?1', 8] },
    { title: '-1 against a foreign symbol is fresh', inputs: [x('N', 16), integers('M', -1)], gives: ['M', '?1'] },
    { title: 'a scalar target', inputs: [x(1, 1), integers()], gives: [] },
    { title: 'a symbol fixed by the model', inputs: [x('N', 16), integers(1, 16)], gives: [1, 16] },
    { title: 'zero elements, copied 0 beside -1', inputs: [x(0, 3, 4), integers(0, -1)], gives: [0, 12] },
    { title: 'zero elements left for -1', inputs: [x(0, 3), integers(3, -1)], gives: [3, 0] },
    { title: 'allowzero', inputs: [x(0, 3), integers(3, 0)], attrs: { allowzero: 1 }, gives: [3, 0] },
    {
      title: 'allowzero with a shape of other sizes',
      inputs: [x(0, 3), integers(7, 0)],
      attrs: { allowzero: 1 },
      gives: [7, 0],
    },
    { title: 'contents pass', inputs: [integers(2, 'N'), integers(2, 1)], gives: [2, 1], contents: [2, 'N'] },
    { title: 'a constant shape', inputs: [x(6), Tensor.int64([3, 2])], gives: [3, 2] },
    { title: 'unknown shape of known rank', inputs: [x(6), { dtype: 'int64', shape: [2] }], gives: ['?1', '?2'] },
    {
      title: 'unknown rank',
      inputs: [x(6), { dtype: 'int64', shape: ['R'] }],
      fault: ['dynamic-shape', 'number of axes'],
    },
    { title: 'counts differ', inputs: [x(2, 3), integers(7)], fault: ['shape-mismatch', '2x3 into 7'] },
    { title: 'counts differ beside a symbol', inputs: [x('N', 3), integers('N', 4)], fault: ['shape-mismatch', 'Nx3'] },
    { title: 'the rest is no integer', inputs: [x(2, 3), integers(4, -1)], fault: ['shape-mismatch', '4x-1'] },
    {
      title: '0 / 0',
      inputs: [x(0, 3), integers(0, 0, -1)],
      attrs: { allowzero: 1 },
      fault: ['invalid-input', 'allowzero'],
    },
    { title: 'two -1', inputs: [x(4), integers(-1, -1)], fault: ['invalid-input', 'only one'] },
    { title: '-2', inputs: [x(4), integers(-2, 2)], fault: ['invalid-input', '-1 upwards'] },
    { title: '0 beyond the input', inputs: [x(4), integers(4, 0)], fault: ['invalid-input', 'no axis 1'] },
    { title: 'float shape', inputs: [x(4), x(1)], fault: ['unsupported-type', 'float32'] },
    { title: 'matrix shape', inputs: [x(4), { dtype: 'int64', shape: [1, 2] }], fault: ['shape-mismatch', '1x2'] },
    {
      title: 'absurd rank',
      inputs: [x(4), { dtype: 'int64', shape: [1e9] }],
      fault: ['invalid-input', '1000000000 axes'],
    },
    {
      title: 'unknown attribute',
      inputs: [x(4), integers(4)],
      attrs: { zero: 1 },
      fault: ['unsupported-attribute', 'zero'],
    },
  ]);
});

describe('Flatten', () => {
  inferenceTable(flatten, [
    { title: 'default axis', inputs: [x(2, 3, 4)], gives: [2, 12] },
    { title: 'axis 0', inputs: [x(2, 3, 4)], attrs: { axis: 0 }, gives: [1, 24] },
    { title: 'axis at the end', inputs: [x(2, 3, 4)], attrs: { axis: 3 }, gives: [24, 1] },
    { title: 'negative axis', inputs: [x(2, 3, 4)], attrs: { axis: -1 }, gives: [6, 4] },
    { title: 'a symbol in front', inputs: [x('N', 3, 4)], gives: ['N', 12] },
    { title: 'a product with a symbol', inputs: [x(2, 'H', 4)], gives: [2, '?1'] },
    { title: 'a scalar', inputs: [x()], attrs: { axis: 0 }, gives: [1, 1] },
    { title: 'a scalar with the default axis', inputs: [x()], fault: ['invalid-attribute', 'scalar'] },
    { title: 'axis out of range', inputs: [x(2, 3)], attrs: { axis: 3 }, fault: ['invalid-attribute', 'is 3'] },
  ]);
});

describe('Squeeze', () => {
  inferenceTable(squeeze, [
    { title: 'all ones', inputs: [x(1, 3, 1)], gives: [3] },
    { title: 'named axes', inputs: [x(1, 3, 1), integers(-1)], gives: [1, 3] },
    { title: 'a symbol taken at its word', inputs: [x('N', 3), integers(0)], gives: [3] },
    { title: 'contents', inputs: [integers('N'), integers(0)], gives: [], contents: ['N'] },
    { title: 'empty optional axes', inputs: [x(1, 2), undefined], gives: [2] },
    { title: 'unknown axes', inputs: [x(1, 2, 1), { dtype: 'int64', shape: [2] }], gives: ['?1'] },
    {
      title: 'more axes than there are',
      inputs: [x(1), { dtype: 'int64', shape: [2] }],
      fault: ['shape-mismatch', 'removes 2'],
    },
    {
      title: 'unknown number of axes',
      inputs: [x(1), { dtype: 'int64', shape: ['A'] }],
      fault: ['dynamic-shape', 'axes'],
    },
    { title: 'all ones beside a symbol', inputs: [x('N', 1)], fault: ['dynamic-shape', 'Nx1'] },
    { title: 'not a one', inputs: [x(2, 1), integers(0)], fault: ['shape-mismatch', 'size 2'] },
    { title: 'an axis twice', inputs: [x(1, 1), integers(0, -2)], fault: ['invalid-attribute', 'once'] },
    { title: 'out of range', inputs: [x(1, 1), integers(2)], fault: ['invalid-attribute', '-2 to 1'] },
  ]);
});

describe('Unsqueeze', () => {
  inferenceTable(unsqueeze, [
    { title: 'in front', inputs: [x(3, 'N'), integers(0)], gives: [1, 3, 'N'] },
    { title: 'several, unsorted, negative', inputs: [x(3, 4), integers(-1, 1)], gives: [3, 1, 4, 1] },
    {
      title: 'contents',
      inputs: [{ dtype: 'int64', shape: [], contents: ['N'] }, integers(0)],
      gives: [1],
      contents: ['N'],
    },
    { title: 'unknown axes', inputs: [x(3), { dtype: 'int64', shape: [2] }], gives: ['?1', '?2', '?3'] },
    {
      title: 'unknown number of axes',
      inputs: [x(3), { dtype: 'int64', shape: ['A'] }],
      fault: ['dynamic-shape', 'axes'],
    },
    { title: 'out of range', inputs: [x(3), integers(2)], fault: ['invalid-attribute', '-2 to 1'] },
    { title: 'twice', inputs: [x(3), integers(0, 0)], fault: ['invalid-attribute', 'once'] },
  ]);
});
