import { describe, expect, it } from 'vitest';
import { gemm, matMul, matMulInteger } from '../../../src/ir/ops/matmul.js';
import { inferenceTable } from '../../support/inference-table.js';
import { infer } from '../../support/run-operator.js';

describe('shapes of matrix products', () => {
  inferenceTable(matMul, [
    { title: 'matrices', inputs: [{ shape: ['N', 3] }, { shape: [3, 4] }], gives: ['N', 4] },
    { title: 'lists', inputs: [{ shape: [3] }, { shape: [3] }], gives: [] },
    { title: 'a list by matrices', inputs: [{ shape: [3] }, { shape: [2, 3, 4] }], gives: [2, 4] },
    { title: 'matrices by a list', inputs: [{ shape: [2, 5, 3] }, { shape: [3] }], gives: [2, 5] },
    { title: 'broadcasting', inputs: [{ shape: [2, 1, 5, 3] }, { shape: ['B', 3, 4] }], gives: [2, 'B', 5, 4] },
    { title: 'a symbolic inner size', inputs: [{ shape: ['N', 'K'] }, { shape: [3, 4] }], gives: ['N', 4] },
    { title: 'an empty inner size', inputs: [{ shape: [2, 0] }, { shape: [0, 4] }], gives: [2, 4] },
    {
      title: 'inner sizes that differ',
      inputs: [{ shape: ['N', 3] }, { shape: [4, 5] }],
      fault: ['shape-mismatch', 'Nx3 by 4x5: the inner sizes 3 and 4 differ'],
    },
    {
      title: 'outer axes that do not broadcast',
      inputs: [{ shape: [2, 1, 3] }, { shape: [3, 3, 1] }],
      fault: ['shape-mismatch', 'the axes before the last two do not broadcast'],
    },
    {
      title: 'scalars',
      inputs: [{ shape: [] }, { shape: [1] }],
      fault: ['shape-mismatch', 'scalars are not accepted'],
    },
    {
      title: 'mixed types',
      inputs: [{ shape: [1, 1] }, { shape: [1, 1], dtype: 'float16' }],
      fault: ['unsupported-type', 'input 1 of MatMul is float16'],
    },
    {
      title: 'bytes',
      inputs: [
        { shape: [1, 1], dtype: 'int8' },
        { shape: [1, 1], dtype: 'int8' },
      ],
      fault: ['unsupported-type', 'MatMul of int8'],
    },
  ]);

  const a = { shape: [2, 4, 3], dtype: 'uint8' as const };
  const b = { shape: [2, 3, 5], dtype: 'int8' as const };
  const zeros = (dtype: 'int8' | 'uint8', ...shape: number[]): { shape: number[]; dtype: 'int8' | 'uint8' } => ({
    shape,
    dtype,
  });
  inferenceTable(matMulInteger, [
    { title: 'bytes', inputs: [a, b], gives: [2, 4, 5] },
    { title: 'scalar zero points', inputs: [a, b, zeros('uint8'), zeros('int8', 1)], gives: [2, 4, 5] },
    { title: 'one a row and one a column', inputs: [a, b, zeros('uint8', 4), zeros('int8', 5)], gives: [2, 4, 5] },
    {
      title: 'one a row and one a column of each matrix',
      inputs: [a, b, zeros('uint8', 2, 4, 1), zeros('int8', 2, 1, 5)],
      gives: [2, 4, 5],
    },
    { title: 'no zero point of the left side', inputs: [a, b, undefined, zeros('int8')], gives: [2, 4, 5] },
    {
      title: 'a zero point for each inner index',
      inputs: [a, b, zeros('uint8', 3)],
      fault: ['shape-mismatch', 'input 2 of MatMulInteger has shape 3, accepted: scalar, 4 or 2x4x1'],
    },
    {
      title: 'a zero point of another type',
      inputs: [a, b, undefined, zeros('uint8')],
      fault: ['unsupported-type', 'input 3 of MatMulInteger is uint8, int8 is accepted'],
    },
    {
      title: 'a float right side',
      inputs: [a, { shape: [3, 5] }],
      fault: ['unsupported-type', 'input 1 of MatMulInteger is float32'],
    },
  ]);

  it('MatMulInteger: gives int32', () => {
    expect(infer(matMulInteger, [a, b])[0]?.type.dtype).toBe('int32');
  });

  inferenceTable(gemm, [
    { title: 'plain', inputs: [{ shape: ['N', 3] }, { shape: [3, 4] }], gives: ['N', 4] },
    {
      title: 'transposed',
      inputs: [{ shape: [3, 'N'] }, { shape: [4, 3] }],
      attrs: { transA: 1, transB: 1 },
      gives: ['N', 4],
    },
    ...[[], [1], [4], ['N', 1], [1, 4], ['N', 4]].map((shape) => ({
      title: `an addend of shape [${shape.join()}]`,
      inputs: [{ shape: ['N', 3] }, { shape: [3, 4] }, { shape }],
      gives: ['N', 4],
    })),
    {
      title: 'an addend that does not broadcast',
      inputs: [{ shape: [2, 3] }, { shape: [3, 4] }, { shape: [2] }],
      fault: ['shape-mismatch', 'has shape 2, which does not broadcast to the product 2x4'],
    },
    {
      title: 'an addend that would enlarge the product',
      inputs: [{ shape: [1, 3] }, { shape: [3, 4] }, { shape: [2, 4] }],
      fault: ['shape-mismatch', 'does not broadcast to the product 1x4'],
    },
    {
      title: 'inner sizes that differ',
      inputs: [{ shape: [2, 3] }, { shape: [3, 4] }],
      attrs: { transB: 1 },
      fault: ['shape-mismatch', 'the inner sizes 3 and 4 differ'],
    },
    {
      title: 'rank 3',
      inputs: [{ shape: [1, 2, 3] }, { shape: [3, 4] }],
      fault: ['shape-mismatch', 'rank 2 is accepted'],
    },
    {
      title: 'a fraction of integers',
      inputs: [
        { shape: [2, 3], dtype: 'int32' },
        { shape: [3, 4], dtype: 'int32' },
      ],
      attrs: { alpha: { float: 0.5 } },
      fault: ['invalid-attribute', 'alpha of Gemm of int32 is 0.5'],
    },
  ]);
});
