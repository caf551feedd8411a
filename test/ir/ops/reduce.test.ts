import { describe, expect, it } from 'vitest';
import { ARG_REDUCE_OPERATORS } from '../../../src/ir/ops/arg-reduce.js';
import { cumSum } from '../../../src/ir/ops/cum-sum.js';
import type { Operator } from '../../../src/ir/ops/operator.js';
import { REDUCE_OPERATORS } from '../../../src/ir/ops/reduce.js';
import { SOFTMAX_OPERATORS } from '../../../src/ir/ops/softmax.js';
import { topK } from '../../../src/ir/ops/top-k.js';
import { Tensor } from '../../../src/ir/tensor.js';
import { inferenceTable } from '../../support/inference-table.js';
import { infer, type Given } from '../../support/run-operator.js';

const x: Given = { shape: ['N', 3, 4] };
const axes = (...values: number[]): Tensor => Tensor.int64(values);
const unknownAxes = (count: number | string): Given => ({ dtype: 'int64', shape: [count] });
const [sum, argMax] = [REDUCE_OPERATORS, ARG_REDUCE_OPERATORS].map(([spec]) => spec) as [Operator, Operator];

describe('reductions', () => {
  inferenceTable(sum, [
    { title: 'all axes', inputs: [x], gives: [1, 1, 1] },
    { title: 'all axes, dropped', inputs: [x], attrs: { keepdims: 0 }, gives: [] },
    { title: 'empty axes mean all', inputs: [x, axes()], gives: [1, 1, 1] },
    { title: 'empty axes mean none', inputs: [x, axes()], attrs: { noop_with_empty_axes: 1 }, gives: ['N', 3, 4] },
    { title: 'no axes mean none', inputs: [x], attrs: { noop_with_empty_axes: 1 }, gives: ['N', 3, 4] },
    { title: 'a negative axis', inputs: [x, axes(-1)], gives: ['N', 3, 1] },
    { title: 'several axes, dropped', inputs: [x, axes(2, 0)], attrs: { keepdims: 0 }, gives: [3] },
    { title: 'a scalar', inputs: [{ shape: [] }], gives: [] },
    { title: 'an empty axis', inputs: [{ shape: [2, 0] }, axes(1)], gives: [2, 1] },
    { title: 'unknown axes', inputs: [{ shape: [1, 'N', 3] }, unknownAxes('K')], gives: [1, '?1', '?2'] },
    { title: 'unknown axes, dropped', inputs: [x, unknownAxes(2)], attrs: { keepdims: 0 }, gives: ['?1'] },
    {
      title: 'an unknown number of axes, dropped',
      inputs: [x, unknownAxes('K')],
      attrs: { keepdims: 0 },
      fault: ['dynamic-shape', 'the axes of ReduceSum are not known before the model runs'],
    },
    { title: 'an axis out of range', inputs: [x, axes(3)], fault: ['invalid-attribute', 'accepted: -3 to 2'] },
    { title: 'an axis named twice', inputs: [x, axes(1, -2)], fault: ['invalid-attribute', 'each may be named once'] },
    { title: 'an axis of a scalar', inputs: [{ shape: [] }, axes(0)], fault: ['invalid-attribute', 'is a scalar'] },
    {
      title: 'axes as a matrix',
      inputs: [x, { dtype: 'int64', shape: [1, 1] }],
      fault: ['shape-mismatch', 'a list is accepted'],
    },
    { title: 'axes of int32', inputs: [x, { dtype: 'int32', shape: [1] }], fault: ['unsupported-type', 'is int32'] },
    { title: 'bytes', inputs: [{ dtype: 'int8', shape: [2] }], fault: ['unsupported-type', 'ReduceSum of int8'] },
  ]);

  it('keep the element type; only extremes take bytes and truth values', () => {
    for (const spec of REDUCE_OPERATORS) {
      expect(infer(spec, [{ dtype: 'float16', shape: [2] }])[0]?.type).toEqual({ dtype: 'float16', shape: [1] });
      const bytes = (): unknown => infer(spec, [{ dtype: 'bool', shape: [2] }]);
      if (['ReduceMax', 'ReduceMin'].includes(spec.name)) expect(bytes).not.toThrow();
      else expect(bytes).toThrow(`${spec.name} of bool`);
    }
  });
});

describe('index of an extreme', () => {
  inferenceTable(argMax, [
    { title: 'axis 0 by default', inputs: [x], gives: [1, 3, 4] },
    { title: 'a negative axis, dropped', inputs: [x], attrs: { axis: -1, keepdims: 0 }, gives: ['N', 3] },
    { title: 'out of range', inputs: [x], attrs: { axis: -4 }, fault: ['invalid-attribute', 'accepted: -3 to 2'] },
    { title: 'a scalar', inputs: [{ shape: [] }], fault: ['invalid-attribute', 'the tensor is a scalar'] },
  ]);

  it('is int64', () => {
    for (const spec of ARG_REDUCE_OPERATORS) expect(infer(spec, [x])[0]?.type.dtype).toBe('int64');
  });
});

describe('Softmax and its kin', () => {
  for (const spec of SOFTMAX_OPERATORS) {
    inferenceTable(spec, [
      { title: 'the last axis by default', inputs: [x], gives: ['N', 3, 4] },
      { title: 'out of range', inputs: [x], attrs: { axis: 3 }, fault: ['invalid-attribute', 'accepted: -3 to 2'] },
      { title: 'integers', inputs: [{ dtype: 'int32', shape: [2] }], fault: ['unsupported-type', 'of int32'] },
    ]);
  }
});

describe('CumSum', () => {
  inferenceTable(cumSum, [
    { title: 'a known axis', inputs: [x, Tensor.int64(-1)], gives: ['N', 3, 4] },
    { title: 'an unknown axis', inputs: [x, { dtype: 'int32', shape: [] }], gives: ['N', 3, 4] },
    { title: 'out of range', inputs: [x, Tensor.int64(3)], fault: ['invalid-attribute', 'accepted: -3 to 2'] },
    { title: 'two axes', inputs: [x, axes(0, 1)], fault: ['shape-mismatch', 'a scalar is accepted'] },
    { title: 'a float as axis', inputs: [x, { shape: [] }], fault: ['unsupported-type', 'accepted: int32, int64'] },
  ]);
});

describe('TopK', () => {
  inferenceTable(topK, [
    {
      title: 'a known count',
      inputs: [x, axes(2)],
      outputs: 2,
      gives: [
        ['N', 3, 2],
        ['N', 3, 2],
      ],
    },
    {
      title: 'another axis',
      inputs: [x, axes(2)],
      attrs: { axis: 1 },
      gives: [
        ['N', 2, 4],
        ['N', 2, 4],
      ],
    },
    {
      title: 'an unknown count',
      inputs: [x, unknownAxes(1)],
      gives: [
        ['N', 3, '?1'],
        ['N', 3, '?1'],
      ],
    },
    {
      title: 'too many',
      inputs: [x, axes(5)],
      fault: ['invalid-input', 'TopK asks for 5 elements of an axis of size 4'],
    },
    { title: 'fewer than none', inputs: [x, axes(-1)], fault: ['invalid-input', 'TopK asks for -1 elements'] },
    { title: 'two counts', inputs: [x, axes(1, 2)], fault: ['shape-mismatch', 'a scalar is accepted'] },
  ]);
});
