import { describe, expect, it } from 'vitest';
import { compileModel, type CompileModelOptions } from '../../../src/backends/compile-model.js';
import type { CompileResult } from '../../../src/backends/options.js';
import { openModel } from '../../../src/backends/run.js';
import { checkHardware } from '../../../src/backends/tinpu/arithmetic/check-hardware.js';
import { UserError } from '../../../src/ir/diagnostics.js';
import { opName } from '../../../src/ir/graph.js';
import { importModel } from '../../../src/ir/onnx/import.js';
import { uniformSource } from '../../../src/ir/random.js';
import { sizeOf } from '../../../src/ir/shape.js';
import { Tensor } from '../../../src/ir/tensor.js';
import { prepare } from '../../../src/runtime/executor.js';
import { FLOAT_KERNELS } from '../../../src/runtime/float/index.js';
import { runInOrt } from '../../support/ort-session.js';
import { QdqNetwork, randomIntegers, type GridSpec, type WeightSpec } from '../../support/qdq-network.js';

const SAME = { kernel_shape: { ints: [3, 3] }, pads: { ints: [1, 1, 1, 1] } };

const compile = (bytes: Uint8Array, options: Partial<CompileModelOptions> = {}): Promise<CompileResult> =>
  compileModel(bytes, { target: 'f28p55', verify: true, model: 'm.onnx', ...options });

function randomInput(dims: readonly number[], amplitude: number, seed: number): Tensor<'float32'> {
  const next = uniformSource(seed);
  return Tensor.float32(
    dims,
    Float32Array.from({ length: sizeOf(dims) }, () => next() * amplitude),
  );
}

/** The integers of every layer's weights, in order. */
const weightsIn = ({ quantised }: CompileResult): number[][] =>
  quantised.nodes
    .filter((node) => ['q.Conv', 'q.MatMul'].includes(opName(node)))
    .map(({ inputs: [, weights] }) => weights?.constant?.toNumbers() ?? []);

const codesOf = ({ diagnostics }: CompileResult, severity: string): string[] =>
  diagnostics.filter((diagnostic) => diagnostic.severity === severity).map(({ code }) => code);

const power = (exponent: number, type: GridSpec['type'] = 'int8'): GridSpec => ({ scale: 2 ** exponent, type });

/**
 * As training for TI leaves it: every scale a power of two. Weights are even and biases odd, so that no sum is half-way
 * between two results, where the hardware rounds up and ONNX to even.
 */
function powersOfTwo() {
  const next = uniformSource(3);
  const even = (count: number): number[] => randomIntegers(next, count, 'int8', 2).map((q) => q - (q % 2));
  const odd = (count: number): number[] => Array.from({ length: count }, () => 2 * Math.round(next() * 300) + 1);
  const first = { dims: [8, 4, 3, 3], integers: even(288), scales: [2 ** -8] };
  const second = {
    dims: [8, 8, 3, 3],
    integers: even(576),
    scales: Array.from({ length: 8 }, (_, c) => 2 ** -(7 + (c % 3))),
  };
  const last = { dims: [8, 5], integers: even(40), scales: [2 ** -6] };
  const net = new QdqNetwork();
  const x = net.qdq(net.input('x', ['N', 4, 6, 6]), power(-5));
  const bias = (name: string, count: number, scales: readonly number[]): string =>
    net.weights(name, { dims: [count], integers: odd(count), scales, type: 'int32' });
  const c1 = net.op('Conv', [x, net.weights('w1', first), bias('b1', 8, [2 ** -13])], 'c1', SAME);
  const r1 = net.qdq(net.op('Relu', [c1], 'r1'), power(-4, 'uint8'));
  const b2 = bias(
    'b2',
    8,
    second.scales.map((scale) => scale * 2 ** -4),
  );
  const c2 = net.qdq(net.op('Conv', [r1, net.weights('w2', second), b2], 'c2', SAME), power(-2));
  const p = net.qdq(net.op('MaxPool', [c2], 'p', { kernel_shape: { ints: [6, 6] } }), power(-2));
  const flat = net.op('Flatten', [p], 'f', { axis: { int: 1 } });
  const fc = net.op('Gemm', [flat, net.weights('w3', last), bias('b3', 5, [2 ** -8])], 'fc');
  net.op('Identity', [net.qdq(fc, power(-1))], 'y');
  net.output('y', ['N', 5]);
  return { net, first, second, last };
}

describe('a model trained with powers of two', () => {
  it('keeps every integer and every scale, without a warning and without data', async () => {
    const { net, first, second, last } = powersOfTwo();
    const result = await compile(net.bytes());
    expect(weightsIn(result)).toEqual([first.integers, second.integers, last.integers]);
    expect(result.summary.activations.map(({ name, scale }) => [name, scale])).toEqual([
      ['x', 2 ** -5],
      ['r1', 2 ** -4],
      ['c2', 2 ** -2],
      ['y', 2 ** -1],
    ]);
    expect(result.summary.recipe).toBe('trained');
    expect(codesOf(result, 'warning')).toEqual([]);
    for (const { weights, expectedCostDb, resolutionLossDb } of result.summary.requantisation ?? []) {
      expect({ expectedCostDb, resolutionLossDb }).toEqual({ expectedCostDb: 0, resolutionLossDb: 0 });
      expect(weights?.kept).toBe(weights?.channels);
      expect(weights?.sqnrDb ?? null).toBeNull();
    }
  });

  it('computes to the bit what the quantised model computes in ONNX Runtime', async () => {
    const bytes = powersOfTwo().net.bytes();
    const result = await compile(bytes, { output: 'float' });
    const feeds = new Map([['x', randomInput([50, 4, 6, 6], 4, 8)]]);
    const expected = (await runInOrt(bytes, feeds)).get('y')?.toNumbers() ?? [];
    expect(openModel(result.bytes).run(feeds).get('y')?.toNumbers()).toEqual(expected);
    expect(new Set(expected).size).toBeGreaterThan(50);
    expect(result.summary.accuracy).toMatchObject({ sqnrDb: null, maxAbsDiff: 0 });
  });

  it('is told apart from one whose integers differ', async () => {
    const { net, last } = powersOfTwo();
    const changed = last.integers.with(7, (last.integers[7] ?? 0) === 0 ? 2 : 0);
    expect(weightsIn(await compile(net.bytes()))[2]).not.toEqual(changed);
  });
});

/** x → Conv → y with weights and activations as given. */
function oneConv(weights: WeightSpec, input: GridSpec, output: GridSpec, relu: boolean): QdqNetwork {
  const net = new QdqNetwork();
  const x = net.qdq(net.input('x', ['N', weights.dims[1] ?? 1, 6, 6]), input);
  const bias = net.floats(
    'b',
    [weights.dims[0] ?? 1],
    Array.from({ length: weights.dims[0] ?? 1 }, (_, c) => c / 8 - 0.4),
  );
  const c = net.op('Conv', [x, net.weights('w', weights), bias], 'c', SAME);
  net.op('Identity', [net.qdq(relu ? net.op('Relu', [c], 'r') : c, output)], 'y');
  net.output('y', ['N', weights.dims[0] ?? 1, 6, 6]);
  return net;
}

describe('narrow weights', () => {
  const next = uniformSource(21);
  const scales = Array.from({ length: 8 }, () => 0.05 + 0.02 * next());

  it.each([
    { type: 'int4' as const, opset: 21, bits: 4, integers: randomIntegers(next, 288, 'int4', 1) },
    { type: 'int8' as const, opset: 13, bits: 4, integers: randomIntegers(next, 288, 'int4', 1) },
    { type: 'int8' as const, opset: 13, bits: 2, integers: Array.from({ length: 288 }, () => Math.round(next()) + 0) },
  ])('of $bits bits in $type keep their integers at any scale', async ({ type, opset, bits, integers }) => {
    const net = oneConv(
      { dims: [8, 4, 3, 3], integers, scales, type },
      power(-4),
      { scale: 0.037, type: 'uint8' },
      true,
    );
    const result = await compile(net.bytes(opset));
    expect(weightsIn(result)).toEqual([integers]);
    const conv = result.summary.layers.find(({ op }) => op === 'Conv');
    expect(conv).toMatchObject({ weightBits: bits, outputScale: Math.fround(0.037) });
    const { weights } = result.summary.requantisation?.find(({ tensor }) => tensor === 'y') ?? {};
    expect(weights).toMatchObject({ kept: 8, channels: 8, bits });
    for (const [c, scale] of (weights?.scale ?? []).entries()) {
      // The multiplier has 8 bits, fewer where float32 is to hold its products: here at least 5.
      expect(Math.abs(scale / (scales[c] ?? 0) - 1)).toBeLessThan(2 ** -6);
    }
    expect(checkHardware(result.quantised)).toEqual([]);
  });

  it('give way to the width that is asked for', async () => {
    const integers = randomIntegers(next, 288, 'int4', 1);
    const net = oneConv({ dims: [8, 4, 3, 3], integers, scales: [0.04] }, power(-4), power(-3, 'uint8'), true);
    const { summary } = await compile(net.bytes(), { weightBits: 8 });
    expect(summary.layers.find(({ op }) => op === 'Conv')?.weightBits).toBe(8);
  });
});

describe('scales that are no powers of two', () => {
  const next = uniformSource(31);
  const weights = { dims: [8, 4, 3, 3], integers: randomIntegers(next, 288, 'int8', 1), scales: [0.0123] };

  it('move the scale of the result so that weights of one scale keep their integers', async () => {
    const result = await compile(oneConv(weights, power(-5), { scale: 0.043, type: 'int8' }, false).bytes());
    // 0.0123 · 2^-5 · 2^7 = 0.0492, the only one in [0.043, 0.086).
    expect(result.summary.outputs[0]?.scale).toBeCloseTo(0.0492, 6);
    expect(weightsIn(result)).toEqual([weights.integers]);
    const [, entry] = result.summary.requantisation ?? [];
    expect(entry).toMatchObject({ weights: { kept: 8, channels: 8, sqnrDb: null } });
    expect(entry?.resolutionLossDb).toBeCloseTo(20 * Math.log10(0.0492 / 0.043), 3);
    expect(codesOf(result, 'info')).toEqual(expect.arrayContaining(['retargeted', 'requantised', 'random-agreement']));
  });

  it('leave the scale where saturation stands for an activation function', async () => {
    const relu6 = { scale: 6 / 255, type: 'uint8' as const };
    const { summary } = await compile(oneConv(weights, power(-5), relu6, false).bytes());
    expect(summary.outputs[0]).toMatchObject({ scale: Math.fround(6 / 255), signed: false });
    const [, entry] = summary.requantisation ?? [];
    expect(entry?.weights?.kept).toBe(0);
    expect(entry?.weights?.sqnrDb).toBeGreaterThan(30);
    expect(entry?.expectedCostDb).toBeGreaterThan(0);
  });

  it('leave the scale where samples show that values saturate', async () => {
    const net = oneConv(weights, power(-5), { scale: 0.0043, type: 'int8' }, false);
    const blind = await compile(net.bytes());
    const seeing = await compile(net.bytes(), { samples: randomInput([20, 4, 6, 6], 4, 4) });
    // 0.0123 · 2^-5 · 2^4.
    expect(blind.summary.outputs[0]?.scale).toBeCloseTo(0.00615, 6);
    expect(seeing.summary.outputs[0]?.scale).toBe(Math.fround(0.0043));
  });
});

describe('zero points', () => {
  const next = uniformSource(41);
  const weights = { dims: [4, 4, 3, 3], integers: randomIntegers(next, 144, 'int8', 1), scales: [2 ** -7] };
  const outputOf = async (grid: GridSpec) => {
    const result = await compile(oneConv(weights, power(-4), grid, false).bytes());
    return { ...result.summary.outputs[0], entry: result.summary.requantisation?.[1] };
  };

  it('of the lowest integer mean unsigned integers of the same scale', async () => {
    expect(await outputOf({ scale: 2 ** -3, zeroPoint: -128, type: 'int8' })).toMatchObject({
      scale: 2 ** -3,
      signed: false,
    });
  });

  it('in the middle of an unsigned type mean signed integers of the same scale', async () => {
    expect(await outputOf({ scale: 2 ** -3, zeroPoint: 128, type: 'uint8' })).toMatchObject({
      scale: 2 ** -3,
      signed: true,
    });
  });

  it('elsewhere cost resolution, and that is told', async () => {
    // 0 … 255 around 64 reaches 191 steps up: 191 / 127 of the scale.
    const { scale, signed, entry } = await outputOf({ scale: 2 ** -3, zeroPoint: 64, type: 'uint8' });
    expect(signed).toBe(true);
    expect(scale).toBeGreaterThanOrEqual((191 / 127) * 2 ** -3 - 1e-9);
    expect(entry?.trained).toEqual({ scale: 2 ** -3, zeroPoint: 64, bits: 8 });
    expect(entry?.resolutionLossDb).toBeGreaterThan(3.5);
    expect(entry?.expectedCostDb).toBeGreaterThan(3);
  });
});

/**
 * x → pointwise Conv → t → pointwise or padding Conv → y with scales that are powers of two. Weights are even and biases
 * odd, so that no sum is half-way between two results, where the hardware rounds up and ONNX to even.
 */
function twoConvs(input: GridSpec, inner: GridSpec, output: GridSpec, pads: number): QdqNetwork {
  const next = uniformSource(71);
  const net = new QdqNetwork();
  const even = (count: number): number[] => randomIntegers(next, count, 'int8', 2).map((q) => q - (q % 2));
  const layer = (x: string, name: string, { scale }: GridSpec, kernel: number): string => {
    const dims = [4, 4, kernel, kernel];
    const w = net.weights(`${name}_w`, { dims, integers: even(16 * kernel ** 2), scales: [2 ** -7] });
    const odd = Array.from({ length: 4 }, () => 2 * Math.round(next() * 300) + 1);
    const b = net.weights(`${name}_b`, { dims: [4], integers: odd, scales: [scale * 2 ** -7], type: 'int32' });
    const attributes = { kernel_shape: { ints: [kernel, kernel] }, pads: { ints: [pads, pads, pads, pads] } };
    return net.op('Conv', [x, w, b], name, kernel === 1 ? {} : attributes);
  };
  const t = layer(net.qdq(net.input('x', ['N', 4, 6, 6]), input), 't', input, 1);
  net.op('Identity', [net.qdq(layer(net.qdq(t, inner), 'c', inner, pads === 0 ? 1 : 3), output)], 'y');
  net.output('y', ['N', 4, 6, 6]);
  return net;
}

describe('zero points between layers', () => {
  const CENTRED = power(-4);
  const OUTPUT = power(-1);
  const AROUND = { scale: 2 ** -3, zeroPoint: 56, type: 'uint8' as const };

  it.each([
    ['a tensor between layers', CENTRED, AROUND, OUTPUT, 't/shifted', 7],
    [
      'a tensor of signed integers',
      CENTRED,
      { ...AROUND, zeroPoint: -72, type: 'int8' as const },
      OUTPUT,
      't/shifted',
      7,
    ],
    ['an input', { ...AROUND, scale: 2 ** -4 }, power(-2), OUTPUT, 'x/shifted', 3.5],
    ['an output of real numbers', CENTRED, power(-2), { ...AROUND, scale: 2 ** -1 }, 'y/shifted', 28],
  ])('of %s fold into biases without any loss', async (_, input, inner, output, tensor, offset) => {
    const bytes = twoConvs(input, inner, output, 0).bytes();
    const result = await compile(bytes, { output: 'float' });
    const entry = result.summary.requantisation?.find((each) => each.tensor === tensor);
    expect(entry).toMatchObject({ signed: false, offset, obstacle: null, resolutionLossDb: 0, expectedCostDb: 0 });
    for (const { weights, trained, scale } of result.summary.requantisation ?? []) {
      expect(scale).toBe(trained?.scale);
      expect(weights?.kept).toBe(weights?.channels);
    }
    expect(checkHardware(result.quantised)).toEqual([]);
    const feeds = new Map([['x', randomInput([50, 4, 6, 6], 6, 8)]]);
    const expected = (await runInOrt(bytes, feeds)).get('y')?.toNumbers();
    expect(openModel(result.bytes).run(feeds).get('y')?.toNumbers()).toEqual(expected);
    expect((await runInOrt(result.bytes, feeds)).get('y')?.toNumbers()).toEqual(expected);
    expect(new Set(expected).size).toBeGreaterThan(20);
    const message = result.diagnostics.find(({ code, at }) => code === 'requantised' && at?.value === tensor)?.message;
    expect(message).toContain(`larger by ${offset.toPrecision(4)}, which biases make up for, as the zero point`);
  });

  it('of integers that begin at 0 leave padding at 0', async () => {
    const bytes = twoConvs(CENTRED, { scale: 2 ** -3, zeroPoint: -128, type: 'int8' }, OUTPUT, 1).bytes();
    const result = await compile(bytes, { output: 'float' });
    const feeds = new Map([['x', randomInput([50, 4, 6, 6], 6, 8)]]);
    const expected = (await runInOrt(bytes, feeds)).get('y')?.toNumbers();
    expect(openModel(result.bytes).run(feeds).get('y')?.toNumbers()).toEqual(expected);
  });

  it('stay in front of a layer that pads, which is told with what it costs', async () => {
    const result = await compile(twoConvs(CENTRED, AROUND, OUTPUT, 1).bytes());
    const entry = result.summary.requantisation?.find(({ tensor }) => tensor === 't');
    expect(entry).toMatchObject({ signed: true, offset: 0, obstacle: "Conv 'c:node' pads with 0" });
    const message = result.diagnostics.find(({ code, at }) => code === 'requantised' && at?.value === 't')?.message;
    expect(message).toMatch(
      /the zero point 56 becomes 0 and cannot be folded into biases because Conv 'c:node' pads with 0; the expected cost is \d/,
    );
  });
});

describe('tensors that the model does not quantise', () => {
  const half = (): QdqNetwork => {
    const next = uniformSource(51);
    const net = new QdqNetwork();
    const x = net.qdq(net.input('x', ['N', 4, 6, 6]), power(-5));
    const w = { dims: [4, 4, 3, 3], integers: randomIntegers(next, 144, 'int8', 1), scales: [2 ** -7] };
    const c = net.op('Relu', [net.op('Conv', [x, net.weights('w', w)], 'c', SAME)], 'r');
    const v = net.floats(
      'v',
      w.dims,
      w.integers.map((q) => q * 0.00917),
    );
    net.op('Conv', [net.qdq(c, power(-3, 'uint8')), v], 'y', SAME);
    net.output('y', ['N', 4, 6, 6]);
    return net;
  };

  it('take their ranges from random numbers, with a warning that names them alone', async () => {
    const result = await compile(half().bytes());
    expect(result.diagnostics.filter(({ severity }) => severity === 'warning').map(({ message }) => message)).toEqual([
      "no calibration data: the ranges of the tensor that the model does not quantise ('y') are taken from random numbers, " +
        'which do not represent real inputs',
    ]);
  });

  it('take their ranges from calibration data without a warning', async () => {
    const result = await compile(half().bytes(), { samples: randomInput([30, 4, 6, 6], 3, 5) });
    expect(codesOf(result, 'warning')).toEqual([]);
    const [, , last] = result.summary.requantisation ?? [];
    expect(last).toMatchObject({ tensor: 'y', trained: null, weights: null, resolutionLossDb: null });
    expect(result.summary.accuracy?.sqnrDb).toBeGreaterThan(35);
  });
});

describe('a model of integers at both ends', () => {
  const net = (): QdqNetwork => {
    const next = uniformSource(61);
    const built = new QdqNetwork();
    const grid = { scale: 2 ** -4, zeroPoint: -128, type: 'int8' as const };
    const x = built.dequantise(built.input('x', ['N', 24], 'int8'), 'x_dq', grid);
    const w = { dims: [24, 6], integers: randomIntegers(next, 144, 'int8', 1), scales: [2 ** -6] };
    const fc = built.op('Gemm', [x, built.weights('w', w)], 'fc');
    built.quantise(fc, 'y', power(0));
    built.output('y', ['N', 6], 'int8');
    return built;
  };

  it('takes the real numbers that its integers stand for', async () => {
    const bytes = net().bytes();
    const result = await compile(bytes);
    const next = uniformSource(7);
    const integers = new Tensor('int8', [40, 24], Int8Array.from(randomIntegers(next, 960, 'int8')));
    const real = Tensor.float32(
      [40, 24],
      integers.toNumbers().map((q) => (q + 128) * 2 ** -4),
    );
    const expected = prepare(importModel(bytes).graph, FLOAT_KERNELS)
      .run(new Map([['x', integers]]))
      .get('y');
    const actual = openModel(result.bytes)
      .run(new Map([['x', real]]))
      .get('y');
    // No sum of these is half-way between two integers, which the hardware and ONNX would round differently.
    expect(actual?.toNumbers()).toEqual(expected?.toNumbers());
    expect(new Set(actual?.toNumbers()).size).toBeGreaterThan(20);
    expect(result.summary.outputs[0]).toMatchObject({ scale: 1, signed: true });
    expect(codesOf(result, 'info')).toEqual(expect.arrayContaining(['real-input', 'other-integers']));
  });

  it('is calibrated on its integers', async () => {
    const next = uniformSource(8);
    const samples = new Tensor('int8', [16, 24], Int8Array.from(randomIntegers(next, 384, 'int8')));
    const { summary } = await compile(net().bytes(), { samples });
    expect(summary.accuracy).toMatchObject({ samples: 16, maxAbsDiff: 0 });
  });
});

describe('what cannot be kept', () => {
  it('is refused where scales are chosen at run time', async () => {
    const net = new QdqNetwork();
    const x = net.input('x', ['N', 4]);
    net.op('DynamicQuantizeLinear', [x], 'q');
    net.output('q', ['N', 4], 'uint8');
    await expect(compile(net.bytes())).rejects.toThrow(UserError);
  });

  it('is refused where a recipe has decisions of its own', async () => {
    await expect(compile(powersOfTwo().net.bytes(), { recipe: 'torchmodelopt' })).rejects.toThrow(
      "recipe 'torchmodelopt' chooses scales for float models, and this model brings its own, accepted: quantc",
    );
    expect((await compile(powersOfTwo().net.bytes(), { recipe: 'quantc' })).summary.recipe).toBe('trained');
  });
});
