import { describe, expect, it } from 'vitest';
import { openModel } from '../../src/backends/run.js';
import { bindVectors } from '../../src/backends/verify/bind-vectors.js';
import { verifyVectors } from '../../src/backends/verify/verify-vectors.js';
import { isFloat } from '../../src/ir/dtype.js';
import { decodeNpz } from '../../src/runtime/formats/npz.js';
import type { Tensor } from '../../src/ir/tensor.js';
import { hasShared, shared } from '../support/fixtures.js';

const ROOT = 'golden/deeploy';

describe.skipIf(!hasShared(ROOT)).each(['KeywordSpotting', 'ImageClassification'])('the integer network %s', (name) => {
  const read = (file: string): ReadonlyMap<string, Tensor> => decodeNpz(shared(`${ROOT}/${name}/${file}.npz`));
  const open = () => openModel(shared(`${ROOT}/${name}/network.onnx`));

  it('is integers throughout', () => {
    const model = open();
    expect(model.kind).toBe('integer');
    const float = model.graph.nodes.filter(
      ({ op, outputs }) => op !== 'Cast' && outputs.some(({ type }) => isFloat(type.dtype)),
    );
    expect(float.map(({ op }) => op)).toEqual([]);
  });

  it('gives its golden outputs', () => {
    const model = open();
    const arrays = ['inputs', 'outputs', 'activations'].flatMap((file) =>
      [...read(file)].map(([array, tensor]) => ({ name: array, tensor, role: undefined })),
    );
    const bound = bindVectors(model, { sets: [{ label: name, arrays }], sequences: [] });
    const verdicts = verifyVectors(model, bound);
    expect(verdicts.map(({ equal }) => equal)).toEqual([true]);
    expect(verdicts[0]?.tensors.map(({ name: tensor, kind }) => [tensor, kind])).toContainEqual(['output', 'output']);
  });
});
