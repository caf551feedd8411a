import { describe, expect, it } from 'vitest';
import { DTYPES } from '../../../src/ir/dtype.js';
import { codeOfDType } from '../../../src/ir/onnx/data-type.js';
import { cast, castLike } from '../../../src/ir/ops/cast.js';
import { Tensor } from '../../../src/ir/tensor.js';
import { inferenceTable } from '../../support/inference-table.js';
import { infer, integers } from '../../support/run-operator.js';

const to = codeOfDType;

describe('Cast', () => {
  it('converts any type to any', () => {
    for (const from of DTYPES) {
      for (const dtype of DTYPES) {
        expect(infer(cast, [{ dtype: from, shape: ['N', 2] }], { to: to(dtype) })[0]?.type).toEqual({
          dtype,
          shape: ['N', 2],
        });
      }
    }
  });

  inferenceTable(cast, [
    {
      title: 'int64 to int32',
      inputs: [integers('N', -3)],
      attrs: { to: to('int32') },
      gives: [2],
      contents: ['N', -3],
    },
    { title: 'int64 out of int32', inputs: [integers(2 ** 31)], attrs: { to: to('int32') }, gives: [1] },
    { title: 'integers to float', inputs: [integers(1)], attrs: { to: to('float32') }, gives: [1] },
    {
      title: 'truth values to integers',
      inputs: [new Tensor('bool', [2], Uint8Array.of(1, 0))],
      attrs: { to: to('int64') },
      gives: [2],
      contents: [1, 0],
    },
    { title: 'floats to integers', inputs: [Tensor.float32([1], [1])], attrs: { to: to('int64') }, gives: [1] },
    { title: 'no target', inputs: [{ shape: [] }], fault: ['invalid-attribute', 'attribute to of Cast is missing'] },
    { title: 'strings', inputs: [{ shape: [] }], attrs: { to: 8 }, fault: ['unsupported-type', 'is STRING, accepted'] },
    { title: 'nonsense', inputs: [{ shape: [] }], attrs: { to: 99 }, fault: ['unsupported-type', 'data type 99'] },
  ]);
});

describe('CastLike', () => {
  it('takes the type of its second input only', () => {
    const [result] = infer(castLike, [integers('N', 4), { dtype: 'int32', shape: [7] }]);
    expect(result).toEqual({ type: { dtype: 'int32', shape: [2] }, contents: ['N', 4] });
  });
});
