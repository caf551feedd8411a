import { describe, expect, it } from 'vitest';
import { compileModel } from '../../../src/backends/compile-model.js';
import { openModel } from '../../../src/backends/run.js';
import { checkHardware } from '../../../src/backends/tinpu/arithmetic/check-hardware.js';
import { rowsOf } from '../../../src/backends/weights/layer-channels.js';
import { opName, type Graph, type Node } from '../../../src/ir/graph.js';
import { importModel } from '../../../src/ir/onnx/import.js';
import type { Tensor } from '../../../src/ir/tensor.js';
import { sliceRows } from '../../../src/passes/calibration/stored.js';
import { Agreement } from '../../../src/runtime/agreement.js';
import { decodeNpy } from '../../../src/runtime/formats/npy.js';
import { fixture } from '../../support/fixtures.js';
import { runInOrt } from '../../support/ort-session.js';
import { QDQ_STYLES, writeInStyle } from '../../support/qdq-styles.js';

const floats = (file: string, rows: number): Tensor<'float32'> => {
  const tensor = decodeNpy(fixture(`cls_1k_v1/${file}`));
  if (!tensor.is('float32')) throw new Error(`${file} holds no float32`);
  return sliceRows(tensor, 0, rows);
};
const MODEL = fixture('cls_1k_v1/float.onnx');
const CALIBRATION = floats('calib.npy', 64);
const TESTS = floats('test_x.npy', 64);

/** The integers of each output channel of each layer, taps in order, by name of the source node. */
function channelsIn(graph: Graph, layers: readonly string[], integersOf: (layer: Node) => Tensor | undefined) {
  const channels = new Map<string, number[][]>();
  for (const node of graph.nodes) {
    const tensor = layers.includes(opName(node)) ? integersOf(node) : undefined;
    const name = node.origins[0]?.name ?? node.name;
    if (tensor === undefined) continue;
    const isMatrix = tensor.rank === 2;
    const [first = 0, second = 0] = tensor.dims;
    const count = isMatrix ? second : first;
    const channelOf = (i: number): number => (isMatrix ? i % count : Math.floor(i / (tensor.size / count)));
    const rows = rowsOf({
      weights: Float32Array.from(tensor.toNumbers()),
      bias: undefined,
      channels: count,
      channelOf,
    });
    channels.set(
      name,
      rows.map((row) => [...row]),
    );
  }
  return channels;
}

/** Integers as the model has them: what DequantizeLinear of constants reads. */
const stored = (layer: Node): Tensor | undefined => {
  const [integers, , zero] = layer.inputs[1]?.producer?.inputs ?? [];
  expect(zero?.constant?.toNumbers().every((z) => z === 0)).toBe(true);
  return integers?.constant;
};

const sqnrOf = (expected: Tensor | undefined, actual: Tensor | undefined): number => {
  const agreement = new Agreement();
  agreement.add(expected?.toNumbers() ?? [], actual?.toNumbers() ?? []);
  return agreement.sqnrDb;
};

/**
 * Channels that must keep their integers: all where BNORM has a multiplier for every scale. What remains of the noise is
 * that of roundings on 6 tensors of 8 bits each; 30 dB is a third of the amplitude of one of them at the output.
 */
const EXPECTED: Readonly<Record<string, { readonly all: boolean; readonly leastDb: number }>> = {
  torch: { all: false, leastDb: 30 },
  onnxruntime: { all: false, leastDb: 30 },
  brevitas: { all: false, leastDb: 30 },
  brevitas4: { all: true, leastDb: 30 },
  affine4: { all: true, leastDb: 30 },
  tensorflow: { all: false, leastDb: 30 },
  powers: { all: true, leastDb: 35 },
};

describe.each(Object.entries(EXPECTED))('a model in the style of %s', (style, { all, leastDb }) => {
  it.each(['data', 'no data'])(
    'keeps what it can and says what it cannot, with %s',
    { timeout: 60_000 },
    async (with_) => {
      const bytes = await writeInStyle(MODEL, QDQ_STYLES[style] ?? expect.fail(style), CALIBRATION);
      const samples = with_ === 'data' ? CALIBRATION : undefined;
      const result = await compileModel(bytes, { target: 'f28p55', output: 'float', verify: true, samples });
      expect(checkHardware(result.quantised)).toEqual([]);

      const trained = channelsIn(importModel(bytes).graph, ['Conv', 'Gemm'], stored);
      const emitted = channelsIn(result.quantised, ['q.Conv', 'q.MatMul'], ({ inputs }) => inputs[1]?.constant);
      const accounts = (result.summary.requantisation ?? []).filter(({ weights }) => weights !== null);
      expect(accounts.map(({ layer }) => layer)).toEqual([...trained.keys()]);
      for (const { layer, weights, expectedCostDb, trained: grid } of accounts) {
        const rows = trained.get(layer) ?? [];
        const kept = rows.filter((row, c) => row.every((q, i) => q === emitted.get(layer)?.[c]?.[i]));
        expect(weights).toMatchObject({ channels: rows.length, kept: kept.length });
        if (all) expect(kept).toHaveLength(rows.length);
        // What is rounded anew has a price.
        if (kept.length < rows.length && grid !== null) expect(expectedCostDb).toBeGreaterThan(0);
      }

      const feeds = new Map([['input', TESTS]]);
      const expected = (await runInOrt(bytes, feeds)).get('output');
      const actual = openModel(result.bytes).run(feeds).get('output');
      const guesses = result.diagnostics.some(({ code }) => code === 'synthetic-calibration');
      expect(guesses).toBe(samples === undefined && QDQ_STYLES[style]?.outputs === false);
      if (!guesses) expect(sqnrOf(expected, actual)).toBeGreaterThan(leastDb);
      expect((await runInOrt(result.bytes, feeds)).get('output')?.toNumbers()).toEqual(actual?.toNumbers());
    },
  );
});

describe('calibration data', () => {
  it('bring a model whose weights are rounded anew closer to what it computed', { timeout: 60_000 }, async () => {
    const bytes = await writeInStyle(MODEL, QDQ_STYLES['tensorflow'] ?? expect.fail(), CALIBRATION);
    const feeds = new Map([['input', TESTS]]);
    const expected = (await runInOrt(bytes, feeds)).get('output');
    const [blind, seeing] = await Promise.all(
      [undefined, CALIBRATION].map(async (samples) => {
        const result = await compileModel(bytes, { target: 'f28p55', output: 'float', samples });
        return sqnrOf(expected, openModel(result.bytes).run(feeds).get('output'));
      }),
    );
    expect(seeing).toBeGreaterThan((blind ?? NaN) + 2);
  });
});
