import { describe, expect, it } from 'vitest';
import { compileModel } from '../../../src/backends/compile-model.js';
import type { Bits } from '../../../src/backends/quantisation.js';
import { checkHardware } from '../../../src/backends/tinpu/arithmetic/check-hardware.js';
import { UserError } from '../../../src/ir/diagnostics.js';
import { opName } from '../../../src/ir/graph.js';
import { importModel } from '../../../src/ir/onnx/import.js';
import { uniformSource } from '../../../src/ir/random.js';
import { sizeOf } from '../../../src/ir/shape.js';
import { Tensor } from '../../../src/ir/tensor.js';
import { expectEqualRuns } from '../../support/equal-runs.js';
import { hasShared, shared } from '../../support/fixtures.js';

const FOLDER = 'models';

interface Case {
  readonly name: string;
  /** Samples that it is calibrated on: few where a model takes large images. */
  readonly samples: number;
  readonly widths: readonly Bits[];
  /** Transposes that the network itself asks for, not the exporter's layout of images. */
  readonly transposes?: number;
}

/** SQNR on random inputs says little, but a layer gone wrong would be near or below 0 dB. */
const LEAST_DB: Readonly<Record<Bits, number>> = { 8: 20, 4: 10, 2: 5 };

/** Operators whose float32 results no standard gives to the last bit. */
const TRANSCENDENTAL = /Softmax|Exp|Sigmoid|Tanh/;

const small = (name: string): Case => ({ name, samples: 32, widths: [8, 4, 2] });
const large = (name: string, samples: number): Case => ({ name, samples, widths: [8] });

/** Public float models in scope, from CNTK, Keras, TensorFlow and PyTorch. */
const COMPILED: readonly Case[] = [
  // Each of its eight heads is brought from channels first to a list of boxes.
  { ...large('Linzaer__version-slim-320', 1), transposes: 8 },
  large('STMicroelectronics__mobilenet_v2_128_0.5', 2),
  small('emmtrix__micro_kws_m_static_fp32'),
  small('espressif__esp_mnist_model_example'),
  small('fastmachinelearning__espcn_subpixel_float'),
  small('kraiskil__mnist_pytorch'),
  small('microsoft__mnist-12'),
  large('onnx__light_squeezenet', 1),
  small('onnx__mnist-legacy'),
  small('pulp-platform__Autoencoder1D'),
  small('pulp-platform__Lite-CNN'),
  small('sonos__keras_example'),
  large('specs-feup__ad01_fp32', 32),
  large('specs-feup__ic', 4),
  large('specs-feup__vww_96_float', 2),
];

/** Models with operators that are not known or files that are missing, and what every refusal must name. */
const REFUSED: readonly (readonly [string, readonly string[]])[] = [
  ['microsoft__supres', ['SuperResolutionPreProcess', 'SuperResolutionPostProcess']],
  ['onnx__simple_cnn', ['simple_cnn.onnx.data']],
  ['snakers4__silero_vad_16k_op15', ['If']],
];

const model = (name: string): Uint8Array => shared(`${FOLDER}/${name}.onnx`);

/** Seeded random numbers in [-2, 2) for every input. */
function randomFeeds(bytes: Uint8Array, samples: number, seed: number): Map<string, Tensor> {
  const next = uniformSource(seed);
  return new Map(
    importModel(bytes).graph.inputs.map(({ name, type: { shape } }) => {
      const dims = shape.map((dim, axis) => (typeof dim === 'number' && axis > 0 ? dim : samples));
      const data = Float32Array.from({ length: sizeOf(dims) }, () => 2 * next());
      return [name, Tensor.float32(dims, data)] as const;
    }),
  );
}

describe.skipIf(!hasShared(FOLDER))('public models', () => {
  const compiled = COMPILED.flatMap(({ widths, ...rest }) => widths.map((bits) => ({ ...rest, bits })));
  it.each(compiled)(
    '$name compiles at $bits bits to what ONNX Runtime computes',
    { timeout: 240_000 },
    async ({ name, samples, bits, transposes = 0 }) => {
      const source = model(name);
      const { bytes, summary, quantised } = await compileModel(source, {
        target: 'f28p55',
        model: name,
        samples: randomFeeds(source, samples, 5),
        weightBits: bits,
        verify: true,
      });
      expect(checkHardware(quantised)).toEqual([]);
      expect(summary.accuracy?.sqnrDb).toBeGreaterThan(LEAST_DB[bits]);
      const fixed = typeof quantised.inputs[0]?.type.shape[0] === 'number';
      const islands = summary.islands.flatMap(({ operators }) => operators).join();
      await expectEqualRuns({ bytes, quantised }, randomFeeds(source, fixed ? 1 : 2, 6), ['disabled', 'all'], {
        inexact: TRANSCENDENTAL.test(islands),
      });
      const moving = quantised.nodes.filter((node) => opName(node) === 'Transpose');
      expect(moving.length).toBeLessThanOrEqual(transposes + quantised.inputs.length);
    },
  );

  it.each(REFUSED)('%s is refused for %s', async (name, operators) => {
    const error: unknown = await compileModel(model(name), { target: 'f28p55', model: name }).catch(
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(UserError);
    const messages = (error as UserError).diagnostics.map(({ message }) => message).join('\n');
    for (const operator of operators) expect(messages).toContain(operator);
  });
});
