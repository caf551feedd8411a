import { describe, expect, it } from 'vitest';
import { compileModel } from '../../../src/backends/compile-model.js';
import { openModel } from '../../../src/backends/run.js';
import { checkHardware } from '../../../src/backends/tinpu/arithmetic/check-hardware.js';
import { importModel } from '../../../src/ir/onnx/import.js';
import { uniformSource } from '../../../src/ir/random.js';
import { sizeOf } from '../../../src/ir/shape.js';
import { Tensor } from '../../../src/ir/tensor.js';
import { hasShared, shared } from '../../support/fixtures.js';
import { runInOrt } from '../../support/ort-session.js';

/**
 * Public quantised models, from ONNX Runtime's quantiser and from TensorFlow Lite. SQNR against ONNX Runtime on random inputs
 * says little, as these saturate where real ones do not; a layer gone wrong would be near or below 0 dB.
 */
const MODELS = [
  { name: 'emmtrix__micro_kws_m_static_qdq', channels: 102, leastDb: 20 },
  { name: 'emmtrix__micro_kws_m_static_qoperator', channels: 102, leastDb: 20 },
  { name: 'specs-feup__ad01_int8', channels: 1672, leastDb: 20 },
  { name: 'specs-feup__kws_ref_model', channels: 588, leastDb: 8 },
];
const FOLDER = 'models';
const SAMPLES = 12;

describe.skipIf(!hasShared(FOLDER))('public quantised models', () => {
  it.each(MODELS)('$name compiles to what it was trained to compute', { timeout: 120_000 }, async (model) => {
    const bytes = shared(`${FOLDER}/${model.name}.onnx`);
    const result = await compileModel(bytes, { target: 'f28p55', output: 'float' });
    const { requantisation = [], diagnostics, recipe } = result.summary;
    expect(recipe).toBe('trained');
    expect(checkHardware(result.quantised)).toEqual([]);
    expect(diagnostics.filter(({ severity }) => severity !== 'info')).toEqual([]);
    expect(requantisation.every(({ trained }) => trained !== null)).toBe(true);
    expect(requantisation.reduce((sum, { weights }) => sum + (weights?.channels ?? 0), 0)).toBe(model.channels);

    const { inputs, outputs } = importModel(bytes).graph;
    const [input] = inputs;
    const [, outputScale, outputZero] = outputs[0]?.value.producer?.inputs ?? [];
    const [entry] = requantisation;
    const { scale = 1, zeroPoint = 0 } = entry?.trained ?? {};
    const next = uniformSource(77);
    const dims = (input?.type.shape ?? []).map((dim) => (typeof dim === 'number' ? dim : 1));
    let [signal, noise] = [0, 0];
    for (let sample = 0; sample < SAMPLES; sample++) {
      const integers = Int8Array.from({ length: sizeOf(dims) }, () => Math.round(100 * next()));
      const reals = Float32Array.from(integers, (q) => (q - zeroPoint) * scale);
      const own = new Map([[input?.name ?? '', Tensor.float32(dims, reals)]]);
      const given = input?.type.dtype === 'int8' ? new Map([[input.name, new Tensor('int8', dims, integers)]]) : own;
      const [expected] = [...(await runInOrt(bytes, given)).values()];
      const [actual] = [...openModel(result.bytes).run(own).values()];
      const isInteger = expected?.dtype === 'int8';
      for (const [i, q] of (expected?.toNumbers() ?? []).entries()) {
        const value = isInteger
          ? (q - (outputZero?.constant?.toNumbers()[0] ?? 0)) * (outputScale?.constant?.toNumbers()[0] ?? 1)
          : q;
        signal += value ** 2;
        noise += (value - (actual?.toNumbers()[i] ?? NaN)) ** 2;
      }
    }
    expect(10 * Math.log10(signal / noise)).toBeGreaterThan(model.leastDb);
  });
});
