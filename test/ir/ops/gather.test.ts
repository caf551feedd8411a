import { describe } from 'vitest';
import { gather, gatherElements, gatherND } from '../../../src/ir/ops/gather.js';
import { scatterElements, scatterND } from '../../../src/ir/ops/scatter.js';
import { inferenceTable } from '../../support/inference-table.js';
import { integers, type Given } from '../../support/run-operator.js';

const x = (...shape: (number | string)[]): Given => ({ shape });
const index = (...shape: (number | string)[]): Given => ({ dtype: 'int64', shape });
const scalar = (value: number): Given => ({ dtype: 'int64', shape: [], contents: [value] });

describe('Gather', () => {
  inferenceTable(gather, [
    { title: 'a scalar index drops the axis', inputs: [x('N', 4, 5), scalar(0)], attrs: { axis: 1 }, gives: ['N', 5] },
    { title: 'indices of two axes', inputs: [x(4, 5), index('N', 2)], attrs: { axis: -1 }, gives: [4, 'N', 2] },
    { title: 'contents', inputs: [integers('N', 3, 'H'), scalar(-1)], gives: [], contents: ['H'] },
    { title: 'contents by a list', inputs: [integers('N', 3, 'H'), integers(2, 0)], gives: [2], contents: ['H', 'N'] },
    { title: 'unknown indices into contents', inputs: [integers('N', 3), index(2)], gives: [2] },
    { title: 'index out of range', inputs: [x(3), integers(3)], fault: ['invalid-input', '-3 to 2'] },
    { title: 'index into a symbol', inputs: [x('N'), integers(7)], gives: [1] },
    { title: 'a scalar as data', inputs: [x(), scalar(0)], fault: ['invalid-attribute', 'scalar'] },
    { title: 'float indices', inputs: [x(3), x(1)], fault: ['unsupported-type', 'float32'] },
    { title: 'axis out of range', inputs: [x(3), scalar(0)], attrs: { axis: 1 }, fault: ['invalid-attribute', 'is 1'] },
  ]);
});

describe('GatherElements', () => {
  inferenceTable(gatherElements, [
    { title: 'the shape of the indices', inputs: [x(3, 4), index(3, 9)], attrs: { axis: 1 }, gives: [3, 9] },
    { title: 'smaller off the axis', inputs: [x(3, 4), index(2, 9)], attrs: { axis: -1 }, gives: [2, 9] },
    { title: 'symbols', inputs: [x('N', 4), index('M', 2)], attrs: { axis: 1 }, gives: ['M', 2] },
    {
      title: 'larger off the axis',
      inputs: [x(3, 4), index(4, 1)],
      attrs: { axis: 1 },
      fault: ['shape-mismatch', 'axis 1'],
    },
    { title: 'other rank', inputs: [x(3, 4), index(4)], fault: ['shape-mismatch', 'equal ranks'] },
  ]);
});

describe('GatherND', () => {
  inferenceTable(gatherND, [
    { title: 'elements', inputs: [x(2, 2), index(5, 2)], gives: [5] },
    { title: 'slices', inputs: [x(2, 3, 4), index('N', 1)], gives: ['N', 3, 4] },
    { title: 'batches', inputs: [x('N', 3, 4), index(2, 5, 1)], attrs: { batch_dims: 1 }, gives: [2, 5, 4] },
    { title: 'tuples too long', inputs: [x(2), index(5, 2)], fault: ['shape-mismatch', '0 to 1'] },
    { title: 'tuples of unknown length', inputs: [x(2), index(5, 'K')], fault: ['dynamic-shape', 'axes'] },
    {
      title: 'batches differ',
      inputs: [x(2, 3), index(3, 1)],
      attrs: { batch_dims: 1 },
      fault: ['shape-mismatch', 'first 1'],
    },
    {
      title: 'too many batch axes',
      inputs: [x(2), index(2)],
      attrs: { batch_dims: 1 },
      fault: ['invalid-attribute', '0 to 0'],
    },
    { title: 'scalar indices', inputs: [x(2), index()], fault: ['invalid-attribute', '0 to -1'] },
  ]);
});

describe('Scatter', () => {
  inferenceTable(scatterElements, [
    { title: 'the shape of the data', inputs: [x(3, 'N'), index(2, 'N'), x(2, 'N')], gives: [3, 'N'] },
    { title: 'updates of another shape', inputs: [x(3, 4), index(2, 4), x(2, 3)], fault: ['shape-mismatch', '2x4'] },
    { title: 'updates of another type', inputs: [x(3), index(3), index(3)], fault: ['unsupported-type', 'int64'] },
    {
      title: 'unknown reduction',
      inputs: [x(3), index(3), x(3)],
      attrs: { reduction: 'mean' },
      fault: ['unsupported-attribute', 'mean'],
    },
    {
      title: 'reduction of flags',
      inputs: [{ dtype: 'bool', shape: [3] }, index(3), { dtype: 'bool', shape: [3] }],
      attrs: { reduction: 'add' },
      fault: ['unsupported-type', 'bool'],
    },
  ]);
  inferenceTable(scatterND, [
    { title: 'the shape of the data', inputs: [x(4, 5), index('N', 1), x('N', 5)], gives: [4, 5] },
    { title: 'updates of another shape', inputs: [x(4, 5), index(2, 1), x(2, 4)], fault: ['shape-mismatch', '2x5'] },
    { title: 'scalar indices', inputs: [x(4, 5), index(), x()], fault: ['shape-mismatch', '0 to 2'] },
  ]);
});
