import { describe, expect, it } from 'vitest';
import { compileModel } from '../../../src/backends/compile-model.js';
import { compareGraphs } from '../../../src/backends/tinpu/equivalence.js';
import { liftCarrier } from '../../../src/backends/tinpu/lift/lift.js';
import { UserError } from '../../../src/ir/diagnostics.js';
import { importModel } from '../../../src/ir/onnx/import.js';
import { syntheticSamples } from '../../../src/passes/calibration/synthetic.js';
import { modelOf } from '../../support/cli.js';
import { fixture } from '../../support/fixtures.js';
import { floats, modelBytes } from '../../support/onnx-builder.js';

const BOARD = fixture('coral_base_100/model_ti.onnx');

/** A layer of integers on an input of integers, as TI's models are cut behind their input sequence. */
const cut = (weights: string, features = 2): Uint8Array =>
  modelOf(`graph "cut"
input %x: float32[N,${features}]
const %w: float32[${features},2] = ${weights}
const %b: float32[1,2] = [64, -10]
const %m: float32[1,2] = [1, 1]
const %s: float32[1,2] = [0.0078125, 0.0625]
const %lo: float32[] = [-128]
const %hi: float32[] = [127]
%p = MatMul(%x, %w) "fc/MatMul"
%a = Add(%p, %b) "fc/Add"
%q = Mul(%a, %m) "fc/Mul"
%v = Mul(%q, %s) "fc/Mul_1"
%f = Floor(%v) "fc/Floor"
%y = Clip(%f, %lo, %hi) "fc/Clip"
output "y" = %y
`);

describe('a model that holds integers of the NPU', () => {
  it('is written anew with every integer it had', async () => {
    const { bytes, summary, diagnostics } = await compileModel(BOARD, { target: 'f28p55', model: 'board.onnx' });
    const source = importModel(BOARD).graph;
    const written = importModel(bytes);
    const { compared, differing } = await compareGraphs(
      source,
      liftCarrier(written.graph),
      syntheticSamples(source.inputs, { count: 20, seed: 3 }),
    );
    expect(differing).toEqual([]);
    expect(compared.size).toBeGreaterThanOrEqual(9);
    expect(written.metadata.opset).toBe(17);
    expect(summary).toMatchObject({ recipe: 'kept', output: 'int', accuracy: null, activations: [] });
    expect(summary.layers.map(({ pattern }) => pattern)).toEqual([null, 'PWCONV', 'GCONV', 'AVGPOOL', 'FC']);
    expect(diagnostics).toMatchObject([
      {
        code: 'quantised-model',
        severity: 'info',
        message: 'board.onnx: the model is quantised already, its integers are kept',
      },
    ]);
  });

  it('gives the same bytes when it is written twice', async () => {
    const once = await compileModel(BOARD, { target: 'f28p55' });
    const [twice, thrice] = [
      await compileModel(once.bytes, { target: 'f28p55' }),
      await compileModel(once.bytes, { target: 'f28p55' }),
    ];
    expect(twice.bytes).toEqual(thrice.bytes);
    expect(twice.summary.layers.map(({ shift, bytes }) => [shift, bytes])).toEqual(
      once.summary.layers.map(({ shift, bytes }) => [shift, bytes]),
    );
  });

  it('is legalised on request, the outputs as they were', async () => {
    const { bytes, summary, diagnostics } = await compileModel(cut('[1, 2, -3, 127]'), {
      target: 'f28p55',
      legalise: true,
    });
    expect(diagnostics.map(({ code }) => code)).toContain('legalised');
    expect(summary.layers.map(({ placement }) => placement)).toContain('npu');
    const [one, other] = [importModel(cut('[1, 2, -3, 127]')).graph, importModel(bytes).graph];
    const integers = syntheticSamples([{ name: 'x', type: { dtype: 'float32', shape: ['N', 2] } }], { count: 8 });
    const rounded = { ...integers, batches: (size: number) => rounding(integers.batches(size)) };
    expect((await compareGraphs(one, liftCarrier(other), rounded)).differing).toEqual([]);
  });

  it('says where floats would round what it computes as integers', async () => {
    const { diagnostics, summary } = await compileModel(cut(`splat 127`, 600), { target: 'f28p55' });
    // 600 products of 127 and at most 255, and the bias.
    const bound = 600 * 127 * 255 + 64;
    expect(diagnostics).toContainEqual(
      expect.objectContaining({
        code: 'float-accumulation',
        message: expect.stringContaining(`can reach ${bound}`) as string,
      }),
    );
    expect(summary.layers[0]).toMatchObject({ bound, exactInFloat32: false });
  });

  it('is refused where its integers are not those of the NPU', async () => {
    const network = modelBytes({
      opset: 10,
      imports: [['PACTOps', 1]],
      nodes: [
        {
          op: 'RequantShift',
          domain: 'PACTOps',
          name: 'act',
          inputs: ['x', 'm', 'a'],
          outputs: ['y'],
          attributes: { div: { int: 16 }, n_levels: { int: 256 }, signed: { int: 0 } },
        },
      ],
      inputs: [{ name: 'x', shape: [1, 2] }],
      outputs: [{ name: 'y', shape: [1, 2] }],
      initializers: [floats('m', [], [3]), floats('a', [], [1])],
    });
    await expect(compileModel(network, { target: 'f28p55' })).rejects.toThrow(UserError);
    await expect(compileModel(network, { target: 'f28p55' })).rejects.toThrow(
      "'act' (RequantShift) multiplies before it adds",
    );
  });
});

async function* rounding(batches: ReturnType<ReturnType<typeof syntheticSamples>['batches']>) {
  for await (const batch of batches) {
    for (const tensor of batch.values())
      for (let i = 0; i < tensor.size; i++) tensor.data[i] = Math.round(20 * Number(tensor.data[i]));
    yield batch;
  }
}
