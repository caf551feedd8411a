import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { compileModel } from '../../../../src/backends/compile-model.js';
import { openModel } from '../../../../src/backends/run.js';
import { compareGraphs } from '../../../../src/backends/tinpu/equivalence.js';
import { liftCarrier } from '../../../../src/backends/tinpu/lift/lift.js';
import { isFloat } from '../../../../src/ir/dtype.js';
import { isConstant, opName, type Graph } from '../../../../src/ir/graph.js';
import { importModel } from '../../../../src/ir/onnx/import.js';
import { Tensor } from '../../../../src/ir/tensor.js';
import { tensorSamples } from '../../../../src/passes/calibration/fit-samples.js';
import { decodeNpy } from '../../../../src/runtime/formats/npy.js';
import { decodeNpz } from '../../../../src/runtime/formats/npz.js';
import { hasShared, shared, sharedPath } from '../../../support/fixtures.js';

const ROOT = 'golden/ti-ptq';
const FILES = hasShared(ROOT)
  ? readdirSync(sharedPath(ROOT), { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .flatMap(({ name }) => {
        const models = readdirSync(sharedPath(`${ROOT}/${name}`)).filter((file) => /^ti_.*\.onnx$/.test(file));
        return models.map((file) => `${name}/${file.replace('.onnx', '')}`);
      })
  : [];

/** Operators on real numbers, which the wrapper of TI leaves: transposed convolutions, and sums of two float scales. */
const FLOAT: ReadonlyMap<string, readonly string[]> = new Map([
  ['own_tconv', ['ConvTranspose', 'Relu', 'ConvTranspose']],
  ['res_add_3k/ti_w4', ['Add', 'Mul', 'Round', 'Flatten', 'MatMul']],
  ['res_add_3k/ti_w2', ['Add', 'Mul', 'Round', 'Flatten', 'MatMul']],
]);

function floatOperators({ nodes }: Graph): string[] {
  return nodes
    .filter(({ domain, op, inputs, outputs }) => {
      const tensors = [...inputs, ...outputs].filter((value) => value !== undefined && !isConstant(value));
      return domain === '' && op !== 'Cast' && tensors.some((value) => isFloat(value?.type.dtype ?? 'bool'));
    })
    .map(opName);
}

/** The first samples, enough for every channel of a layer to move. */
function first(path: string, count: number): Tensor {
  const all = decodeNpy(shared(path));
  const [samples = 0, ...dims] = all.dims;
  const kept = Math.min(count, samples);
  return new Tensor(all.dtype, [kept, ...dims], all.data.slice(0, (kept * all.size) / samples));
}

const rowOf = ({ data, dims, size }: Tensor, row: number): number[] => {
  const length = size / (dims[0] ?? 1);
  return Array.from(data.slice(row * length, (row + 1) * length) as ArrayLike<number | bigint>, Number);
};

describe.skipIf(FILES.length === 0)('models that the wrapper of TI has quantised', () => {
  it.each(FILES)('%s is integers, with the outputs and tensors on record', (file) => {
    const [folder = ''] = file.split('/');
    const model = openModel(shared(`${ROOT}/${file}.onnx`));
    expect(model.kind).toBe('tinpu');
    expect(floatOperators(model.graph)).toEqual(FLOAT.get(file) ?? FLOAT.get(folder) ?? []);
    const x = first(`${ROOT}/${folder}/test_x.npy`, 8);
    const expected = decodeNpy(shared(`${ROOT}/${file}.out.npy`));
    const recorded = hasShared(`${ROOT}/${file}.inter.npz`)
      ? decodeNpz(shared(`${ROOT}/${file}.inter.npz`))
      : undefined;
    // Floats are summed in another order than by ONNX Runtime, which shows in the last bits.
    const digits = FLOAT.get(folder) === undefined ? undefined : 4;
    const [input] = model.source.inputs;
    const seen = new Set<string>();
    for (let row = 0; row < (x.dims[0] ?? 0); row++) {
      const feeds = new Map([[input?.name ?? '', Tensor.float32([1, ...x.dims.slice(1)], rowOf(x, row))]]);
      const results = model.run(feeds, {
        observe: ({ name }, tensor) => {
          const record = recorded?.get(name);
          if (record === undefined || row >= (record.dims[0] ?? 0)) return undefined;
          seen.add(name);
          agrees(tensor.toNumbers(), rowOf(record, row), digits);
          return undefined;
        },
      });
      agrees([...results.values()][0]?.toNumbers() ?? [], rowOf(expected, row), digits);
    }
    // The first of two clips in a row is no tensor of its own, nor is the mean that a window sum is written with.
    const missing = [...(recorded?.keys() ?? [])].filter((name) => !seen.has(name));
    const readers = (name: string): string[] =>
      model.source.nodes.filter(({ inputs }) => inputs.some((value) => value?.name === name)).map(({ op }) => op);
    for (const name of missing) expect(['Relu', 'Clip', 'Mul']).toContain(readers(name)[0]);
  });

  it.each(FILES)('%s is re-emitted with every tensor it had', async (file) => {
    const [folder = ''] = file.split('/');
    const bytes = shared(`${ROOT}/${file}.onnx`);
    const source = importModel(bytes).graph;
    const samples = tensorSamples(source.inputs, first(`${ROOT}/${folder}/test_x.npy`, 4));
    for (const legalise of file.endsWith('w8') ? [false, true] : [false]) {
      const { bytes: written, quantised } = await compileModel(bytes, { target: 'f28p55', legalise });
      const { compared, differing } = await compareGraphs(source, liftCarrier(importModel(written).graph), samples);
      expect(differing).toEqual([]);
      const layers = quantised.nodes.filter((node) => opName(node) === 'q.Bnorm').length;
      expect(compared.size).toBeGreaterThan(layers);
    }
  });
});

function agrees(actual: readonly number[], expected: readonly number[], digits: number | undefined): void {
  if (digits === undefined) expect(actual).toEqual(expected);
  else for (const [i, value] of actual.entries()) expect(value).toBeCloseTo(expected[i] ?? NaN, digits);
}
