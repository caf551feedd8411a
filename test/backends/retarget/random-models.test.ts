import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileModel } from '../../../src/backends/compile-model.js';
import type { CompileResult } from '../../../src/backends/options.js';
import { openModel } from '../../../src/backends/run.js';
import { checkHardware } from '../../../src/backends/tinpu/arithmetic/check-hardware.js';
import { opName } from '../../../src/ir/graph.js';
import { importModel } from '../../../src/ir/onnx/import.js';
import { uniformSource } from '../../../src/ir/random.js';
import { sizeOf } from '../../../src/ir/shape.js';
import { Tensor } from '../../../src/ir/tensor.js';
import { prepare } from '../../../src/runtime/executor.js';
import { FLOAT_KERNELS } from '../../../src/runtime/float/index.js';
import { runInOrt } from '../../support/ort-session.js';
import { QdqNetwork, randomIntegers, type GridSpec } from '../../support/qdq-network.js';

const SEED = 20;
const CHANNELS = 3;
const FILTERS = 4;
const SIDE = 5;
const TAPS = CHANNELS * 9;
const SAME = { kernel_shape: { ints: [3, 3] }, pads: { ints: [1, 1, 1, 1] } };

const byte = fc.constantFrom<'int8' | 'uint8'>('int8', 'uint8');
const grid = (least: number, most: number): fc.Arbitrary<GridSpec> =>
  byte.chain((type) =>
    fc.record({
      type: fc.constant(type),
      scale: fc.double({ min: least, max: most, noNaN: true }).map(Math.fround),
      zeroPoint: type === 'int8' ? fc.integer({ min: -128, max: 100 }) : fc.integer({ min: 0, max: 220 }),
    }),
  );

interface Layer {
  readonly input: GridSpec;
  readonly output: GridSpec;
  readonly type: 'int8' | 'uint8' | 'int4';
  readonly perChannel: boolean;
  readonly relu: boolean;
  readonly operator: boolean;
  readonly seed: number;
}

const layer: fc.Arbitrary<Layer> = fc.record({
  input: grid(0.01, 0.1),
  output: grid(0.02, 0.2),
  type: fc.constantFrom<Layer['type']>('int8', 'uint8', 'int4'),
  perChannel: fc.boolean(),
  relu: fc.boolean(),
  operator: fc.boolean(),
  seed: fc.integer({ min: 1, max: 2 ** 30 }),
});

/** A convolution between two grids, in pairs of QuantizeLinear and DequantizeLinear or as QLinearConv. */
function network({ input, output, type, perChannel, relu, operator, seed }: Layer): Uint8Array {
  const next = uniformSource(seed);
  const net = new QdqNetwork();
  const dims = [FILTERS, CHANNELS, 3, 3];
  const step = type === 'int4' ? 0.05 : 0.004;
  const scales = Array.from({ length: perChannel ? FILTERS : 1 }, () => Math.fround(step * (1.2 + next())));
  const zeroPoints = scales.map(() => (type === 'uint8' ? 120 + Math.round(10 * next()) : 0));
  const integers = randomIntegers(next, sizeOf(dims), type);
  const biases = Array.from({ length: FILTERS }, () => Math.round(3000 * next()));
  const x = net.quantise(net.input('x', ['N', CHANNELS, SIDE, SIDE]), 'x_q', input);
  if (operator && type !== 'int4') {
    const list = perChannel ? [FILTERS] : [];
    const w = [
      net.integers('w_q', dims, integers, type),
      net.floats('w_s', list, scales),
      net.integers('w_z', list, zeroPoints, type),
    ];
    const bias = net.integers('b_q', [FILTERS], biases, 'int32');
    const y = net.op('QLinearConv', [x, ...net.grid('a', input), ...w, ...net.grid('c', output), bias], 'y_q', SAME);
    net.dequantise(y, 'y', output);
  } else {
    const w = net.weights('w', { dims, integers, scales, zeroPoints, type });
    const biasScales = Array.from({ length: FILTERS }, (_, c) => (scales[perChannel ? c : 0] ?? 0) * input.scale);
    const bias = net.weights('b', { dims: [FILTERS], integers: biases, scales: biasScales, type: 'int32' });
    const c = net.op('Conv', [net.dequantise(x, 'x_dq', input), w, bias], 'c', SAME);
    net.dequantise(net.quantise(relu ? net.op('Relu', [c], 'r') : c, 'y_q', output), 'y', output);
  }
  net.output('y', ['N', FILTERS, SIDE, SIDE]);
  return net.bytes(21);
}

/**
 * How far a channel's result may be from the quantised model's, for every input within |x| ≤ reach: half a step of either
 * rounding, of the bias, and what the weights and the input differ by.
 */
function boundsOf(
  result: CompileResult,
  source: Float32Array,
  reach: number,
  sameInput: boolean,
  trained: Layer,
): number[] {
  const conv = result.quantised.nodes.find((node) => opName(node) === 'q.Conv');
  const bnorm = result.quantised.nodes.find((node) => opName(node) === 'q.Bnorm');
  const levels = conv?.inputs[1]?.constant?.toNumbers() ?? [];
  const [scales, shifts] = [2, 3].map((at) => bnorm?.inputs[at]?.constant?.toNumbers() ?? []);
  const inputScale = conv?.inputs[0]?.type.quantisation?.scale ?? NaN;
  const outputScale = bnorm?.outputs[0]?.type.quantisation?.scale ?? NaN;
  return Array.from({ length: FILTERS }, (_, c) => {
    const multiplier = (scales?.[c] ?? NaN) * 2 ** -(shifts?.[c] ?? NaN);
    const weightScale = (multiplier * outputScale) / inputScale;
    let moved = 0;
    let sum = 0;
    for (let i = c * TAPS; i < (c + 1) * TAPS; i++) {
      moved += Math.abs((source[i] ?? NaN) - (levels[i] ?? NaN) * weightScale);
      sum += Math.abs((levels[i] ?? NaN) * weightScale);
    }
    const ofInput = sameInput ? 2 ** -11 * reach : (inputScale + trained.input.scale) / 2;
    return moved * reach + sum * ofInput + (outputScale + trained.output.scale) / 2 + (multiplier * outputScale) / 2;
  });
}

const quantiser = ({ scale, zeroPoint = 0, type }: GridSpec) => ({
  scale,
  low: (type === 'int8' ? -128 : 0) - zeroPoint,
  high: (type === 'int8' ? 127 : 255) - zeroPoint,
});

describe('random quantised layers', () => {
  it(
    'stay within the error that their scales and weights explain, and run as emitted',
    { timeout: 120_000 },
    async () => {
      await fc.assert(
        fc.asyncProperty(layer, async (trained) => {
          const bytes = network(trained);
          const result = await compileModel(bytes, { target: 'f28p55', verify: true, output: 'float' });
          expect(checkHardware(result.quantised)).toEqual([]);
          const { low, high, scale } = quantiser(trained.input);
          const next = uniformSource(trained.seed + 1);
          const dims = [6, CHANNELS, SIDE, SIDE];
          const middle = ((low + high) / 2) * scale;
          const data = Float32Array.from({ length: sizeOf(dims) }, () => middle + (next() * (high - low) * scale) / 2);
          const feeds = new Map([['x', Tensor.float32(dims, data)]]);
          const expected = prepare(importModel(bytes).graph, FLOAT_KERNELS).run(feeds).get('y')?.toNumbers() ?? [];
          const actual = openModel(result.bytes).run(feeds).get('y')?.toNumbers() ?? [];
          const emitted = (await runInOrt(result.bytes, feeds)).get('y')?.toNumbers();
          expect(emitted).toEqual(actual);

          const [input] = result.summary.requantisation ?? [];
          const sameInput = input?.resolutionLossDb === 0;
          const weights = result.float.nodes.find(({ op }) => op === 'Conv')?.inputs[1]?.constant;
          const reach = Math.max(-low, high) * scale;
          const bounds = boundsOf(result, weights?.data as Float32Array, reach, sameInput, trained);
          // Beyond what the model's own integers reach, these may go further: the model saturates there.
          const output = quantiser(trained.output);
          const clamp = (y: number): number =>
            Math.max(output.low * output.scale, Math.min(output.high * output.scale, y));
          for (const [i, value] of expected.entries()) {
            const channel = Math.floor(i / (SIDE * SIDE)) % FILTERS;
            const distance = Math.abs(clamp(actual[i] ?? NaN) - value);
            expect(distance).toBeLessThanOrEqual((bounds[channel] ?? NaN) * (1 + 1e-5));
          }
        }),
        { seed: SEED, numRuns: 40 },
      );
    },
  );
});
