import { describe, expect, it } from 'vitest';
import { opName, type Value } from '../../../../src/ir/graph.js';
import { importModel } from '../../../../src/ir/onnx/import.js';
import type { Tensor } from '../../../../src/ir/tensor.js';
import { verifyGraph } from '../../../../src/ir/verify.js';
import { TINPU_KERNELS, TINPU_OPERATORS } from '../../../../src/backends/tinpu/dialect.js';
import { liftCarrier } from '../../../../src/backends/tinpu/lift/lift.js';
import { prepare } from '../../../../src/runtime/executor.js';
import { decodeNpy } from '../../../../src/runtime/formats/npy.js';
import { decodeNpz } from '../../../../src/runtime/formats/npz.js';
import { fixture } from '../../../support/fixtures.js';

describe('a network dumped from a board', () => {
  const lifted = liftCarrier(importModel(fixture('coral_base_100/model_ti.onnx')).graph);
  const bnorms = lifted.nodes.filter((node) => opName(node) === 'q.Bnorm');

  it('is lifted entirely to integers', () => {
    expect(verifyGraph(lifted, TINPU_OPERATORS)).toEqual([]);
    expect(lifted.nodes.map(opName)).toEqual([
      'q.InputNorm',
      'q.Conv',
      'q.Bnorm',
      'q.Conv',
      'q.Bnorm',
      'q.GlobalSum',
      'Squeeze',
      'q.Bnorm',
      'q.MatMul',
      'q.Bnorm',
      'Cast',
    ]);
  });

  it('reproduces the golden output and every intermediate tensor from the float input', () => {
    const tensors = new Map<Value, number[]>();
    const outputs = prepare(lifted, TINPU_KERNELS).run(
      new Map([['input', decodeNpy(fixture('coral_base_100/inputs.npy'))]]),
      {
        observe: (value, tensor) => {
          tensors.set(value, tensor.toNumbers());
          return undefined;
        },
      },
    );
    expect(outputs.get('output')?.toNumbers()).toEqual(decodeNpy(fixture('coral_base_100/golden.npy')).toNumbers());
    const golden = decodeNpz(fixture('coral_base_100/intermediate.npz'));
    for (const [i, name] of ['conv0', 'conv1', 'pool'].entries()) {
      const [result] = bnorms[i]?.outputs ?? [];
      expect(result && tensors.get(result)).toEqual(numbers(golden.get(name)));
      const accumulator = golden.get(`${name}_acc_plus_bias`);
      const [sum, bias] = bnorms[i]?.inputs ?? [];
      const sums = (sum && tensors.get(sum)) ?? [];
      const biases = bias?.constant?.toNumbers() ?? [];
      if (accumulator !== undefined) {
        const map = sums.length / biases.length;
        expect(sums.map((value, at) => value + (biases[Math.floor(at / map)] ?? NaN))).toEqual(numbers(accumulator));
      }
    }
  });
});

const numbers = (tensor: Tensor | undefined): number[] | undefined => tensor?.toNumbers();
