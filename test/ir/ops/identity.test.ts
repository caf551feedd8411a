import { describe, expect, it } from 'vitest';
import { DTYPES } from '../../../src/ir/dtype.js';
import { clip } from '../../../src/ir/ops/clip.js';
import { dropout, identity } from '../../../src/ir/ops/identity.js';
import { where } from '../../../src/ir/ops/where.js';
import { Tensor } from '../../../src/ir/tensor.js';
import { inferenceTable } from '../../support/inference-table.js';
import { infer, integers, type Given } from '../../support/run-operator.js';

const truth = (value: boolean): Tensor => new Tensor('bool', [], Uint8Array.of(+value));

describe('Identity', () => {
  it('keeps every type and known contents', () => {
    for (const dtype of DTYPES)
      expect(infer(identity, [{ dtype, shape: ['N'] }])[0]?.type).toEqual({ dtype, shape: ['N'] });
    expect(infer(identity, [integers('N', 3)])[0]?.contents).toEqual(['N', 3]);
  });
});

describe('Dropout', () => {
  const data: Given = { shape: ['N', 3] };
  inferenceTable(dropout, [
    {
      title: 'data and mask',
      inputs: [data],
      outputs: 2,
      gives: [
        ['N', 3],
        ['N', 3],
      ],
    },
    {
      title: 'a ratio',
      inputs: [data, Tensor.float32([], [0.5])],
      gives: [
        ['N', 3],
        ['N', 3],
      ],
    },
    {
      title: 'no ratio, inference',
      inputs: [data, undefined, truth(false)],
      gives: [
        ['N', 3],
        ['N', 3],
      ],
    },
    {
      title: 'training',
      inputs: [data, undefined, truth(true)],
      fault: ['unsupported-attribute', 'Dropout has training_mode true'],
    },
    { title: 'a list of ratios', inputs: [data, { shape: [2] }], fault: ['shape-mismatch', 'a scalar is accepted'] },
    {
      title: 'an integer ratio',
      inputs: [data, { dtype: 'int64', shape: [] }],
      fault: ['unsupported-type', 'the ratio of Dropout is int64'],
    },
    {
      title: 'a mode that is no truth value',
      inputs: [data, undefined, { dtype: 'float32', shape: [] }],
      fault: ['unsupported-type', 'training_mode of Dropout is float32'],
    },
  ]);

  it('has a boolean mask', () => {
    expect(infer(dropout, [data], {}, 2).map(({ type }) => type.dtype)).toEqual(['float32', 'bool']);
  });
});

describe('Clip', () => {
  const x: Given = { shape: ['N', 3] };
  inferenceTable(clip, [
    { title: 'no bounds', inputs: [x], gives: ['N', 3] },
    { title: 'a maximum only', inputs: [x, undefined, { shape: [] }], gives: ['N', 3] },
    { title: 'bounds of one element', inputs: [x, { shape: [1] }, { shape: ['K'] }], gives: ['N', 3] },
    {
      title: 'a list as bound',
      inputs: [x, { shape: [3] }],
      fault: ['shape-mismatch', 'input 1 of Clip has shape 3, a scalar is accepted'],
    },
    {
      title: 'a bound of another type',
      inputs: [x, undefined, { dtype: 'float64', shape: [] }],
      fault: ['unsupported-type', 'input 2 of Clip is float64, float32 is accepted'],
    },
    { title: 'truth values', inputs: [{ dtype: 'bool', shape: [] }], fault: ['unsupported-type', 'Clip of bool'] },
  ]);
});

describe('Where', () => {
  const condition: Given = { dtype: 'bool', shape: [3, 1] };
  inferenceTable(where, [
    { title: 'three shapes', inputs: [condition, { shape: ['N', 1, 4] }, { shape: [] }], gives: ['N', 3, 4] },
    {
      title: 'a condition of numbers',
      inputs: [{ shape: [] }, { shape: [] }, { shape: [] }],
      fault: ['unsupported-type', 'Where of float32 is not supported'],
    },
    {
      title: 'branches of two types',
      inputs: [condition, { shape: [] }, { dtype: 'int8', shape: [] }],
      fault: ['unsupported-type', 'Where mixes float32 and int8'],
    },
    {
      title: 'sizes that disagree',
      inputs: [condition, { shape: [2, 4] }, { shape: [] }],
      fault: ['shape-mismatch', 'does not broadcast'],
    },
  ]);

  it('selects known contents', () => {
    const chosen: Given = { dtype: 'bool', shape: [3], contents: [1, 0, 1] };
    expect(infer(where, [chosen, integers('N', 'M', 2), integers(7, 8, 9)])[0]?.contents).toEqual(['N', 8, 2]);
    const constant = new Tensor('bool', [2], Uint8Array.of(0, 1));
    expect(infer(where, [constant, integers(1), integers('N', 5)])[0]?.contents).toEqual(['N', 1]);
    const unknown: Given = { dtype: 'bool', shape: [1] };
    expect(infer(where, [unknown, integers(1), integers(2)])[0]?.contents).toBeUndefined();
  });

  it('carries a target shape as exporters build it', () => {
    // Where(Equal(shape, -1), ones, shape), in front of Expand.
    const shape = integers(-1, 'N', 4);
    const condition: Given = { dtype: 'bool', shape: [3], contents: [1, 0, 0] };
    expect(infer(where, [condition, integers(1, 1, 1), shape])[0]?.contents).toEqual([1, 'N', 4]);
  });
});
