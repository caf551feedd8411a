import { describe, expect, it } from 'vitest';
import { EINSUM_KERNELS } from '../../../src/runtime/float/einsum.js';
import { einsum } from '../../../src/ir/ops/einsum.js';
import { Tensor } from '../../../src/ir/tensor.js';
import { uniformSource } from '../../../src/ir/random.js';
import { inferenceTable } from '../../support/inference-table.js';
import { build } from '../../support/naive-tensor.js';
import { runNodeInOrt } from '../../support/one-node.js';
import { describeDifference } from '../../support/onnx-node-tests.js';
import { run } from '../../support/run-operator.js';

const uniform = (dims: readonly number[], seed: number): Tensor => {
  const next = uniformSource(seed);
  return build('float32', dims, () => next());
};

describe('Einsum', () => {
  it.each([
    [
      'ij,jk->ik',
      [
        [3, 4],
        [4, 5],
      ],
    ],
    [
      'ij,jk',
      [
        [3, 4],
        [4, 5],
      ],
    ],
    [
      'bij,bjk->bik',
      [
        [2, 3, 4],
        [2, 4, 5],
      ],
    ],
    [
      'bhid, bhjd -> bhij',
      [
        [2, 2, 3, 4],
        [2, 2, 5, 4],
      ],
    ],
    [
      '...ij,...jk->...ik',
      [
        [5, 3, 4],
        [5, 4, 2],
      ],
    ],
    [
      '...ij,jk',
      [
        [2, 2, 3, 4],
        [4, 2],
      ],
    ],
    ['ij->ji', [[3, 4]]],
    ['ba', [[3, 4]]],
    ['ij->', [[3, 4]]],
    ['...ii->...i', [[2, 3, 3]]],
    ['ii', [[3, 3]]],
    ['i,j->ij', [[3], [4]]],
    ['i,i,i->i', [[3], [3], [3]]],
    [
      'bn,anm,bm->ba',
      [
        [2, 3],
        [4, 3, 5],
        [2, 5],
      ],
    ],
    [
      'Ab,bC->CA',
      [
        [2, 3],
        [3, 4],
      ],
    ],
    ['...->...', [[2, 3]]],
  ] as const)('%s of %j is ONNX Runtime’s', async (equation, shapes) => {
    const inputs = shapes.map((dims, i) => uniform(dims, i + 1));
    const [own] = run(einsum, EINSUM_KERNELS, inputs, { equation });
    const [expected] = await runNodeInOrt('Einsum', inputs, { equation }, ['float32']);
    // Up to 15 products of at most 1, summed in float32 there.
    expect(describeDifference(own, expected!, { rtol: 1e-5, atol: 1e-6 })).toBeUndefined();
  });

  it('wraps int32 around', () => {
    const x = new Tensor('int32', [2], Int32Array.of(2 ** 30, 3));
    const y = new Tensor('int32', [2], Int32Array.of(4, 2 ** 30));
    expect(run(einsum, EINSUM_KERNELS, [x, y], { equation: 'i,i->' })[0]?.toNumbers()).toEqual([-(2 ** 30)]);
  });

  it('sums nothing to zeros', () => {
    const inputs = [Tensor.float32([2, 0], []), Tensor.float32([0, 3], [])];
    expect(run(einsum, EINSUM_KERNELS, inputs, { equation: 'ij,jk->ik' })[0]?.toNumbers()).toEqual([0, 0, 0, 0, 0, 0]);
  });

  inferenceTable(einsum, [
    {
      title: 'symbols',
      inputs: [{ shape: ['N', 'T', 3] }, { shape: [3, 4] }],
      attrs: { equation: '...i,ij' },
      gives: ['N', 'T', 4],
    },
    {
      title: 'sizes that differ',
      inputs: [{ shape: [2, 3] }, { shape: [4, 5] }],
      attrs: { equation: 'ij,jk->ik' },
      fault: ['shape-mismatch', 'the axes j the sizes 3 and 4'],
    },
    {
      title: 'a term too few',
      inputs: [{ shape: [2] }, { shape: [2] }],
      attrs: { equation: 'i->i' },
      fault: ['invalid-attribute', 'has 1 terms, but the node has 2 inputs'],
    },
    {
      title: 'another rank',
      inputs: [{ shape: [2] }],
      attrs: { equation: 'ij->i' },
      fault: ['invalid-attribute', 'names 2 axes of input 0'],
    },
    {
      title: 'a digit',
      inputs: [{ shape: [2] }],
      attrs: { equation: '1->1' },
      fault: ['invalid-attribute', 'holds "1", letters'],
    },
    {
      title: 'a result of unknown label',
      inputs: [{ shape: [2] }],
      attrs: { equation: 'i->k' },
      fault: ['invalid-attribute', 'gives k'],
    },
  ]);
});
