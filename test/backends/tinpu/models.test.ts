import * as ort from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { compileModel } from '../../../src/backends/compile-model.js';
import { openModel } from '../../../src/backends/run.js';
import { UserError } from '../../../src/ir/diagnostics.js';
import { opName } from '../../../src/ir/graph.js';
import { uniformSource } from '../../../src/ir/random.js';
import { sizeOf } from '../../../src/ir/shape.js';
import { Tensor } from '../../../src/ir/tensor.js';
import { hasShared, shared } from '../../support/fixtures.js';

const FOLDER = 'models';

/** Public float models in scope, from CNTK, Keras, TensorFlow and PyTorch. */
const COMPILED = [
  'emmtrix__micro_kws_m_static_fp32',
  'espressif__esp_mnist_model_example',
  'fastmachinelearning__espcn_subpixel_float',
  'kraiskil__mnist_pytorch',
  'microsoft__mnist-12',
  'onnx__mnist-legacy',
  'pulp-platform__Autoencoder1D',
  'pulp-platform__Lite-CNN',
  'sonos__keras_example',
  'specs-feup__ad01_fp32',
  'specs-feup__ic',
  'specs-feup__vww_96_float',
];

/** Models with operators that are not known, and what every refusal must name. */
const REFUSED: readonly (readonly [string, readonly string[]])[] = [
  ['microsoft__supres', ['SuperResolutionPreProcess', 'SuperResolutionPostProcess']],
  ['snakers4__silero_vad_16k_op15', ['If']],
];

const model = (name: string): Uint8Array => shared(`${FOLDER}/${name}.onnx`);

describe.skipIf(!hasShared(FOLDER))('public models', () => {
  for (const name of COMPILED) {
    it(`${name} compiles to what ONNX Runtime computes`, { timeout: 120_000 }, async () => {
      const { bytes, summary, quantised } = await compileModel(model(name), {
        target: 'f28p55',
        model: name,
        verify: true,
      });
      // Random inputs, so accuracy says little; a layer gone wrong would be near or below 0 dB.
      expect(summary.accuracy?.sqnrDb).toBeGreaterThan(20);
      const opened = openModel(bytes);
      const next = uniformSource(5);
      const feeds = new Map(
        opened.source.inputs.map(({ name: input, type: { shape } }) => {
          const dims = shape.map((dim) => (typeof dim === 'number' ? dim : 3));
          return [
            input,
            Tensor.float32(
              dims,
              Array.from({ length: sizeOf(dims) }, () => 2 * next()),
            ),
          ] as const;
        }),
      );
      const own = opened.run(feeds);
      for (const level of ['disabled', 'all'] as const) {
        const session = await ort.InferenceSession.create(bytes, { graphOptimizationLevel: level });
        const inputs = [...feeds].map(
          ([input, { data, dims }]) => [input, new ort.Tensor('float32', data, [...dims])] as const,
        );
        const results = await session.run(Object.fromEntries(inputs));
        for (const [output, tensor] of own) {
          expect(Array.from(results[output]?.data as Float32Array)).toEqual(tensor.toNumbers());
        }
      }
      const transposes = quantised.nodes.filter((node) => opName(node) === 'Transpose');
      expect(transposes.length).toBeLessThanOrEqual(quantised.inputs.length);
    });
  }

  for (const [name, operators] of REFUSED) {
    it(`${name} is refused for ${operators.join(', ')}`, async () => {
      const error: unknown = await compileModel(model(name), { target: 'f28p55', model: name }).catch(
        (reason: unknown) => reason,
      );
      expect(error).toBeInstanceOf(UserError);
      const messages = (error as UserError).diagnostics.map(({ message }) => message).join('\n');
      for (const operator of operators) expect(messages).toContain(operator);
    });
  }
});
