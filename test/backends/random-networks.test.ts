import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CompileOptions } from '../../src/backends/options.js';
import { compileModel } from '../../src/backends/compile-model.js';
import { UserError } from '../../src/ir/diagnostics.js';
import { roundTrip, type ModelInput, type RoundTrip } from '../support/compile-round-trip.js';
import { floats, modelBytes, type ModelSpec, type NodeSpec } from '../support/onnx-builder.js';
import { EXPORTERS, randomModel, type RandomModel } from '../support/random-models.js';

/** The reasons for which a feed-forward model may be refused; any other is a gap. */
const REFUSALS: readonly RegExp[] = [/no layer of the model computes anything that could become integers/];

async function compiled(model: RandomModel, options: Partial<CompileOptions>): Promise<RoundTrip | undefined> {
  try {
    return await roundTrip(model.bytes, [model.input], options);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    for (const { message, hint } of error.diagnostics) {
      expect(
        REFUSALS.some((reason) => reason.test(message)),
        message,
      ).toBe(true);
      expect(hint, message).toBeTruthy();
    }
    return undefined;
  }
}

/** Paths of numbers that JSON cannot express. */
function notFinite(value: unknown, path = ''): string[] {
  if (typeof value === 'number') return Number.isFinite(value) ? [] : [path];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, item]) => notFinite(item, `${path}.${key}`));
}

describe('compile', () => {
  it('emits what ONNX Runtime evaluates to the integers of the interpreter, whatever the network', async () => {
    let successes = 0;
    let runs = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: 2 ** 31 - 1 }),
        fc.constantFrom(...EXPORTERS),
        fc.integer({ min: 1, max: 8 }),
        fc.constantFrom('quantc', 'torchmodelopt'),
        fc.constantFrom('int' as const, 'float' as const),
        fc.constantFrom(undefined, 'minmax' as const, 'percentile' as const, 'entropy' as const),
        async (seed, exporter, layers, recipe, output, observer) => {
          runs++;
          const model = randomModel(seed, exporter, layers);
          const outcome = await compiled(model, { recipe, output, observer });
          if (outcome === undefined) return;
          successes++;
          const { result, differing, largest } = outcome;
          const { layers: rows, accuracy, outputs } = result.summary;
          expect(notFinite(result.summary)).toEqual([]);
          expect(outputs.map(({ name }) => name)).toEqual(model.outputs);
          const exact = rows.every(({ exactInFloat32 }) => exactInFloat32 !== false);
          // Exponentials of two libraries differ in the last bits, which may cross a rounding border.
          if (model.tail) expect(largest).toBeLessThanOrEqual(output === 'float' ? 1e-5 : 1);
          else if (exact) expect(Math.max(...Object.values(differing))).toBe(0);
          // Eight bits give 40 to 50 dB a layer, a few layers on small random maps lose some 10 dB of it.
          if (model.wellConditioned && recipe === 'quantc' && observer !== 'entropy') {
            expect(accuracy?.sqnrDb ?? Infinity).toBeGreaterThan(20);
          }
        },
      ),
      { seed: 20, numRuns: 36 },
    );
    // Most of what is drawn is in scope; a refusal of everything must not pass for success.
    expect(successes / runs).toBeGreaterThan(0.5);
  }, 120_000);

  it('writes the same bytes for the same model', async () => {
    const { bytes, input } = randomModel(4, 'pytorch', 6);
    const first = await roundTrip(bytes, [input]);
    const second = await roundTrip(bytes, [input]);
    expect(Buffer.from(second.result.bytes).equals(Buffer.from(first.result.bytes))).toBe(true);
  });
});

const weights = (name: string, dims: readonly number[], gain = 0.3): ReturnType<typeof floats> =>
  floats(
    name,
    dims,
    Array.from({ length: dims.reduce((a, b) => a * b, 1) }, (_, i) => Math.sin(1 + 7 * i) * gain),
  );
const scalar = (name: string, value: number): ReturnType<typeof floats> => floats(name, [], [value]);
const node = (op: string, inputs: readonly string[], output: string, name?: string): NodeSpec => ({
  op,
  inputs,
  outputs: [output],
  ...(name !== undefined && { name }),
});
const image: ModelInput = { name: 'x', shape: ['N', 2, 6, 6], amplitude: 1 };
const CONSTANTS = [weights('w', [4, 2, 3, 3]), weights('v', [4, 4, 3, 3]), weights('m', [4, 3])];

function model(nodes: readonly NodeSpec[], outputs: readonly string[], rest: ModelSpec = {}): Uint8Array {
  return modelBytes({
    nodes,
    outputs: outputs.map((name) => ({ name })),
    inputs: [{ name: 'x', shape: image.shape }],
    ...rest,
    initializers: [...CONSTANTS, ...(rest.initializers ?? [])],
  });
}

async function expectExact(
  bytes: Uint8Array,
  inputs: readonly ModelInput[] = [image],
  options: Partial<CompileOptions> = {},
): Promise<RoundTrip> {
  const outcome = await roundTrip(bytes, inputs, options);
  expect(outcome.differing).toEqual({ disabled: 0, basic: 0, extended: 0, all: 0 });
  return outcome;
}

describe('names', () => {
  for (const output of ['int', 'float'] as const) {
    it(`keeps the name of an output whose last operators vanish or move (${output})`, async () => {
      const conv = node('Conv', ['x', 'w'], 'a');
      const { result } = await expectExact(model([conv, node('Identity', ['a'], 'y')], ['y']), [image], { output });
      expect(result.summary.outputs.map(({ name }) => name)).toEqual(['y']);
      const moving = [conv, node('Transpose', ['a'], 't'), node('Relu', ['t'], 'z')];
      await expectExact(model(moving, ['z']), [image], { output });
    });

    it(`delivers one tensor under two names (${output})`, async () => {
      const nodes = [node('Conv', ['x', 'w'], 'a'), node('Identity', ['a'], 'y'), node('Dropout', ['a'], 'z')];
      await expectExact(model(nodes, ['y', 'z']), [image], { output });
    });

    it(`takes labels that its own tensors would bear (${output})`, async () => {
      const nodes = [
        node('Conv', ['x', 'w'], 'y/accumulator', 'same'),
        node('Relu', ['y/accumulator'], 'x/quantized', ''),
        node('Conv', ['x/quantized', 'v'], 'y/float', 'same/Conv'),
        node('Relu', ['y/float'], '__proto__', 'y'),
        node('MaxPool', ['__proto__'], 'scalar_0', 'constructor'),
        node('Relu', ['scalar_0'], 'y', ''),
      ].map((spec) => (spec.op === 'MaxPool' ? { ...spec, attributes: { kernel_shape: { ints: [1, 2] } } } : spec));
      await expectExact(model(nodes, ['y']), [image], { output });
    });
  }

  it('gives nodes of equal names different ones', async () => {
    const nodes = [
      node('Conv', ['x', 'w'], 'a', 'conv'),
      node('Relu', ['a'], 'r', 'conv'),
      node('Conv', ['r', 'v'], 'y', 'conv'),
    ];
    await expectExact(model(nodes, ['y']));
  });

  it('delivers inputs and constants as they are', async () => {
    const { result } = await expectExact(
      model([node('Conv', ['x', 'w'], 'y'), node('Identity', ['x'], 'copy')], ['y', 'x', 'copy', 'm']),
    );
    expect(result.summary.outputs.map(({ name, bits }) => [name, bits])).toEqual([
      ['y', 8],
      ['x', 32],
      ['copy', 32],
      ['m', 32],
    ]);
  });

  it('quantises inputs of their own for heads of their own', async () => {
    const second: ModelInput = { name: 'z', shape: ['N', 4], amplitude: 3 };
    const bytes = model([node('Conv', ['x', 'w'], 'y'), node('MatMul', ['z', 'm'], 'q')], ['y', 'q'], {
      inputs: [image, second, { ...second, name: 'unread' }].map(({ name, shape }) => ({ name, shape })),
    });
    await expectExact(bytes, [image, second, { ...second, name: 'unread' }]);
  });
});

describe('bounds', () => {
  const clipped = (min: number, max: number, gain = 0.3): Uint8Array =>
    model([node('Conv', ['x', 'k', 'b'], 'a'), node('Clip', ['a', 'min', 'max'], 'y')], ['y'], {
      initializers: [
        weights('k', [4, 2, 3, 3], gain),
        floats('b', [4], [0.4, 0.4, 0.4, 0.4]),
        scalar('min', min),
        scalar('max', max),
      ],
    });

  it.each([
    ['symmetric, both sides reached', -0.5, 0.5, 0.3],
    ['symmetric, only positive values seen', -6, 6, 0.02],
    ['symmetric, only positive values seen, reached', -0.35, 0.35, 0.02],
    ['symmetric to half a step', -1, 1.003, 0.5],
    ['of ReLU6, reached', 0, 6, 9],
    ['of ReLU6, nearly reached', 0, 6, 0.6],
  ])('saturates at bounds that are %s', async (_, min, max, gain) => {
    const { result } = await expectExact(clipped(min, max, gain));
    expect(result.summary.accuracy?.sqnrDb).toBeGreaterThan(30);
  });

  it.each([
    ['open below', -Infinity, 0.5],
    ['open above', -0.5, Infinity],
    ['neither unsigned nor symmetric', -0.5, 1],
    ['above 0', 0.25, 1],
    ['below 0', -1, -0.25],
  ])('clips integers to bounds that are %s', async (_, min, max) => {
    const { result } = await expectExact(clipped(min, max));
    expect(result.summary.accuracy?.sqnrDb).toBeGreaterThan(30);
  });

  it('delivers zeros between bounds that leave nothing else', async () => {
    const { result } = await expectExact(clipped(0, 0));
    expect(result.summary.activations.at(-1)).toMatchObject({ min: 0, max: 0, scale: 1 });
  });

  it('knows the scale of an input that is clipped first', async () => {
    const bytes = model([node('Clip', ['x', 'min', 'max'], 'c'), node('Conv', ['c', 'w'], 'y')], ['y'], {
      initializers: [scalar('min', 0), scalar('max', 1.13)],
    });
    const { result } = await expectExact(bytes);
    const [input] = result.summary.inputs;
    expect(input).toMatchObject({ bits: 8, signed: false });
    // The largest scale that saturates at the bound, or less.
    expect(input?.scale).toBeLessThanOrEqual(1.13 / 255);
  });
});

describe('magnitudes', () => {
  const conv = model([node('Conv', ['x', 'w'], 'a'), node('Relu', ['a'], 'r'), node('Conv', ['r', 'v'], 'y')], ['y']);

  it.each([0, 1e-2, 1e6])('follows inputs of amplitude %f', async (amplitude) => {
    const { result } = await expectExact(conv, [{ ...image, amplitude }]);
    expect(result.summary.accuracy?.sqnrDb ?? Infinity).toBeGreaterThan(25);
  });

  it('says that inputs are too small for the input sequence', async () => {
    const { result } = await expectExact(conv, [{ ...image, amplitude: 1e-6 }]);
    expect(result.diagnostics).toContainEqual(
      expect.objectContaining({
        code: 'scale-raised',
        message: expect.stringMatching(/'x' .*12 bits.*costs 8\d\.\d dB of resolution/) as string,
      }),
    );
  });

  it('says that a normalisation of the input is too strong for the input sequence', async () => {
    const list = (name: string, value: number): ReturnType<typeof floats> => floats(name, [2], [value, value]);
    const bytes = model(
      [node('BatchNormalization', ['x', 'one', 'zero', 'zero', 'tiny'], 'n'), node('Conv', ['n', 'w'], 'y')],
      ['y'],
      { initializers: [list('one', 1), list('zero', 0), list('tiny', 1e-12)] },
    );
    const { result } = await expectExact(bytes, [{ ...image, amplitude: 1e-6 }]);
    expect(result.diagnostics.map(({ code }) => code)).toContain('scale-raised');
  });

  it('refuses inputs beyond the range of the input sequence', async () => {
    await expect(roundTrip(conv, [{ ...image, amplitude: 1e12 }])).rejects.toThrow(/constants of the input sequence/);
  });

  it.each([112, 300])('averages a square map of side %i', async (side) => {
    const bytes = modelBytes({
      nodes: [node('Relu', ['x'], 'r'), node('GlobalAveragePool', ['r'], 'y')],
      inputs: [{ name: 'x', shape: ['N', 1, side, side] }],
      outputs: [{ name: 'y' }],
    });
    const { result } = await roundTrip(bytes, [{ name: 'x', shape: [1, 1, side, side], amplitude: 1 }]);
    // The mean lies within half a step of 255 or so.
    expect(result.summary.accuracy?.sqnrDb).toBeGreaterThan(40);
  });
});

describe('other types', () => {
  it.each([
    ['int8', 3],
    ['uint8', 2],
    ['int64', 7],
    ['float64', 11],
  ])('are converted on the CPU: an input of %s', async (_, type) => {
    const bytes = model(
      [{ ...node('Cast', ['x'], 'f'), attributes: { to: { int: 1 } } }, node('Conv', ['f', 'w'], 'y')],
      ['y'],
      { inputs: [{ name: 'x', type, shape: image.shape }] },
    );
    const { quantised } = await compileModel(bytes, { target: 'f28p55', verify: true });
    expect(quantised.nodes.map(({ op }) => op)).toEqual(['Cast', 'InputNorm', 'Conv', 'Bnorm']);
  });
});

describe('refusals', () => {
  it('names the weights that are not a number', async () => {
    const bytes = model([node('Conv', ['x', 'k'], 'y')], ['y'], {
      initializers: [floats('k', [1, 2, 1, 1], [1, NaN])],
    });
    await expect(roundTrip(bytes, [image])).rejects.toThrow("'k' holds NaN or infinite values");
  });

  it('refuses a model that computes nothing', async () => {
    await expect(roundTrip(model([node('Flatten', ['x'], 'y')], ['y']), [image])).rejects.toThrow(/no layer/);
  });
});

describe('operators that join, grow and bend', () => {
  it.each([
    ['Add', ['a', 'b'], {}],
    ['Concat', ['a', 'b'], { axis: { int: 1 } }],
    ['ConvTranspose', ['a', 'v'], {}],
    ['LeakyRelu', ['a'], {}],
  ] as const)('compile: %s', async (op, inputs, attributes) => {
    const nodes = [
      node('Conv', ['x', 'w'], 'a'),
      node('Conv', ['x', 'other'], 'b'),
      { ...node(op, inputs, 'y'), attributes },
    ];
    const bytes = model(nodes, ['y', 'b'], { initializers: [weights('other', [4, 2, 3, 3], 0.5)] });
    const { result } = await expectExact(bytes);
    expect(result.summary.accuracy?.sqnrDb).toBeGreaterThan(30);
  });
});

describe('sequences', () => {
  const layers = [
    node('MatMul', ['x', 'a'], 'p'),
    node('Add', ['p', 'b'], 's'),
    node('Relu', ['s'], 'r'),
    node('MatMul', ['r', 'c'], 'y'),
  ];

  it.each(['N', 2])('multiplies every row of %s samples by the same weights', async (batch) => {
    const sequence: ModelInput = { name: 'x', shape: [batch, 10, 16], amplitude: 1 };
    const bytes = modelBytes({
      nodes: layers,
      inputs: [{ name: 'x', shape: sequence.shape }],
      outputs: [{ name: 'y' }],
      initializers: [weights('a', [16, 4]), weights('b', [4]), weights('c', [4, 6])],
    });
    const { result } = await expectExact(bytes, [sequence]);
    const { layers: rows, outputs, accuracy } = result.summary;
    expect(outputs.map(({ shape }) => shape)).toEqual([[batch, 10, 6]]);
    const products = rows.filter(({ op }) => op === 'Gemm');
    expect(products.map(({ pattern, placement, macs }) => ({ pattern, placement, macs }))).toEqual([
      { pattern: 'FC', placement: 'cpu', macs: 640 },
      { pattern: 'FC', placement: 'cpu', macs: 240 },
    ]);
    for (const { reason } of products) expect(reason).toContain('10 rows a sample, the FC pattern takes 1');
    expect(accuracy?.sqnrDb).toBeGreaterThan(30);
  });
});
