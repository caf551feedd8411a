import { describe, expect, it } from 'vitest';
import {
  calibrateBias,
  type BiasCalibrationOptions,
  type BiasCorrection,
} from '../../../../src/backends/tinpu/bias/calibrate-bias.js';
import { checkHardware } from '../../../../src/backends/tinpu/arithmetic/check-hardware.js';
import { accumulatorOf, FLOAT32_EXACT } from '../../../../src/backends/tinpu/arithmetic/accumulators.js';
import { TINPU_KERNELS, TINPU_OPERATORS } from '../../../../src/backends/tinpu/dialect.js';
import { GraphEditor } from '../../../../src/ir/editor.js';
import type { Graph } from '../../../../src/ir/graph.js';
import { OPERATORS } from '../../../../src/ir/ops/index.js';
import { uniformSource } from '../../../../src/ir/random.js';
import { Tensor } from '../../../../src/ir/tensor.js';
import { parseGraph } from '../../../../src/ir/text/parse.js';
import { printGraph } from '../../../../src/ir/text/print.js';
import type { SampleSource } from '../../../../src/passes/calibration/samples.js';
import { prepare } from '../../../../src/runtime/executor.js';

/** Whole numbers, which the input sequence turns into themselves. */
const INPUT = (dims: string): string => `graph "g"
  input %x: float32[${dims}]
  const %half: float32[] = [0.5]
  const %one: float32[] = [1]
  const %none: int32[] = [0]
  %q: int8[${dims}]<1 s8> = q.InputNorm(%x, %half, %one, %none) {lo = -128, hi = 127}`;

/** Two layers whose results have scale 1; the first divides by 16, the second by 32. */
const integers = (first: string, second: string): Graph =>
  parseGraph(
    `${INPUT('N,2')}
    const %w: int8[2,2] = [9, -7, 5, 11]
    const %b: int32[2] = [${first}]
    const %v: int8[2,2] = [30, -28, 25, -31]
    const %c: int32[2] = [${second}]
    const %unit: int32[1] = [1]
    const %four: int32[1] = [4]
    const %five: int32[1] = [5]
    %p = q.MatMul(%q, %w)
    %h: uint8[N,2]<1 u8> = q.Bnorm(%p, %b, %unit, %four) {lo = 0, hi = 255} "first"
    %s = q.MatMul(%h, %v)
    %y: int8[N,2]<1 s8> = q.Bnorm(%s, %c, %unit, %five) {lo = -128, hi = 127} "second"
    output "y" = %y`,
    TINPU_OPERATORS,
  );
const FLOAT = parseGraph(
  `graph "g"
  input %x: float32[N,2]
  const %w: float32[2,2] = [0.5625, -0.4375, 0.3125, 0.6875]
  const %v: float32[2,2] = [0.9375, -0.875, 0.78125, -0.96875]
  %p = MatMul(%x, %w)
  %h = Relu(%p)
  %y = MatMul(%h, %v)
  output "y" = %y`,
  OPERATORS,
);
/** Biases with the rounding half, and without: each mean is half a unit too low where nothing is clipped. */
const [RIGHT_FIRST, RIGHT_SECOND, NONE] = ['8, 8', '16, 16', '0, 0'];

const ROWS = 400;
const random = uniformSource(11);
const DATA = Float32Array.from({ length: ROWS * 2 }, () => Math.round(100 * random()));

const samples = (data: Float32Array, rowLength: number, dims: readonly number[] = [rowLength]): SampleSource => ({
  count: data.length / rowLength,
  description: 'given',
  fixedBatch: undefined,
  async *batches(size) {
    await Promise.resolve();
    for (let at = 0; at < data.length; at += size * rowLength) {
      const part = data.slice(at, at + size * rowLength);
      yield new Map([['x', Tensor.float32([part.length / rowLength, ...dims], part)]]);
    }
  },
});
const OPTIONS: BiasCalibrationOptions = { kernels: TINPU_KERNELS, batchSize: 64, limit: ROWS, factor: 1 };
const calibrate = (graph: Graph, options: Partial<BiasCalibrationOptions> = {}): Promise<BiasCorrection[]> =>
  calibrateBias(FLOAT, graph, samples(DATA, 2), { ...OPTIONS, ...options });

/** Mean of float minus integers, by channel, of the tensor of a label. */
function meanErrors(graph: Graph, label: string): number[] {
  const tensors = [FLOAT, graph].map((one) => {
    let found: readonly number[] = [];
    prepare(one, TINPU_KERNELS).run(new Map([['x', Tensor.float32([ROWS, 2], DATA)]]), {
      observe: ({ name }, tensor) => {
        if (name === label) found = tensor.toNumbers();
        return undefined;
      },
    });
    return found;
  });
  const [real = [], integer = []] = tensors;
  return [0, 1].map(
    (channel) => real.reduce((sum, x, i) => (i % 2 === channel ? sum + x - (integer[i] ?? NaN) : sum), 0) / ROWS,
  );
}

/** One accumulator unit of a channel that is never clipped moves its mean by 1/16 or 1/32 on average; twice that at most here. */
const CLOSE = { h: 1 / 8, y: 1 / 16 };
const matches = (graph: Graph): boolean =>
  (['h', 'y'] as const).every((label) => meanErrors(graph, label).every((error) => Math.abs(error) < CLOSE[label]));

describe('calibrateBias', () => {
  it('gives the mean back to layers that floor without a rounding half', async () => {
    const graph = integers(NONE, NONE);
    expect(matches(graph)).toBe(false);
    const corrections = await calibrate(graph);
    expect(matches(graph)).toBe(true);
    expect(corrections.map(({ node }) => node.name)).toEqual(['first', 'second']);
    for (const [layer, half] of [8, 16].entries()) {
      // The residues of a division are spread evenly, so the mean of 400 is known to 0.3 / 20 of a unit, 1/4 or 1/2 in
      // accumulators; 3 and 4 leave room for the clipping at 0 and for what the first layer hands on.
      for (const move of corrections[layer]?.moves ?? [])
        expect(Math.abs(move - half)).toBeLessThanOrEqual(layer === 0 ? 3 : 4);
    }
    expect(corrections[0]?.largestStep).toBe(Math.max(...(corrections[0]?.moves ?? [])) / 16);
    expect(checkHardware(graph)).toEqual([]);
  });

  it('is found out when a bias is off by half a unit afterwards', async () => {
    const graph = integers(NONE, NONE);
    await calibrate(graph);
    for (const [index, half] of [8, 16].entries()) {
      const editor = new GraphEditor(graph);
      const node = graph.nodes.filter(({ op }) => op === 'Bnorm')[index];
      const bias = node?.inputs[1];
      if (node === undefined || bias?.constant === undefined) throw new Error('no bias');
      const wrong = Int32Array.from(bias.constant.toNumbers(), (b) => b + half);
      editor.setInput(node, 1, editor.constant(new Tensor('int32', [2], wrong)));
      expect(matches(graph)).toBe(false);
      editor.setInput(node, 1, bias);
      expect(matches(graph)).toBe(true);
    }
  });

  it('corrects a layer on what the corrected layers before it compute', async () => {
    const graph = integers(NONE, RIGHT_SECOND);
    // What the first layer lacks makes the second one wrong by far, and its bias is not the place to mend that.
    expect(Math.max(...meanErrors(graph, 'y').map(Math.abs))).toBeGreaterThan(0.25);
    const [first, second] = await calibrate(graph);
    expect(Math.min(...(first?.moves ?? []))).toBeGreaterThan(4);
    for (const move of second?.moves ?? [NaN]) expect(Math.abs(move)).toBeLessThanOrEqual(4);
    expect(matches(graph)).toBe(true);
  });

  it('moves biases that are right by little', async () => {
    const corrections = await calibrate(integers(RIGHT_FIRST, RIGHT_SECOND));
    for (const { moves } of corrections) for (const move of moves) expect(Math.abs(move)).toBeLessThanOrEqual(4);
  });

  it('moves half as far with half the factor', async () => {
    const [whole] = await calibrate(integers(NONE, NONE));
    const [half] = await calibrate(integers(NONE, NONE), { factor: 0.5 });
    for (const [index, move] of (whole?.moves ?? []).entries())
      expect(Math.abs((half?.moves[index] ?? NaN) - move / 2)).toBeLessThanOrEqual(0.5);
  });

  it('changes nothing with factor 0', async () => {
    const graph = integers(NONE, NONE);
    const before = printGraph(graph);
    expect(await calibrate(graph, { factor: 0 })).toEqual([]);
    expect(printGraph(graph)).toBe(before);
  });

  it('gives the same biases every time, whatever the batches', async () => {
    const texts = [];
    for (const batchSize of [64, 64, 1, 1000]) {
      const graph = integers(NONE, NONE);
      await calibrate(graph, { batchSize });
      texts.push(printGraph(graph));
    }
    expect(new Set(texts).size).toBe(1);
  });

  it('looks at no more samples than it is told to, and leaves all as it is without any', async () => {
    const few = integers(NONE, NONE);
    await calibrateBias(FLOAT, few, samples(DATA.slice(0, 100), 2), OPTIONS);
    const many = integers(NONE, NONE);
    await calibrate(many, { limit: 50 });
    expect(printGraph(many)).toBe(printGraph(few));
    const corrections = await calibrateBias(FLOAT, many, samples(new Float32Array(0), 2), OPTIONS);
    expect(corrections.flatMap(({ moves }) => [...moves])).toEqual([0, 0, 0, 0]);
  });

  it('skips layers that stand for no float tensor, and knows real numbers at an output', async () => {
    const float = parseGraph(
      `graph "g"
      input %x: float32[N,2]
      const %w: float32[2,1] = [1, 1]
      %z = MatMul(%x, %w)
      output "z" = %z`,
      OPERATORS,
    );
    const graph = parseGraph(
      `${INPUT('N,2')}
      const %w: int8[2,1] = [1, 1]
      const %v: int8[1,1] = [1]
      const %b: int32[1] = [0]
      const %unit: int32[1] = [1]
      const %zero: int32[1] = [0]
      %p = q.MatMul(%q, %w)
      %other: int8[N,1]<1 s8> = q.Bnorm(%p, %b, %unit, %zero) {lo = -128, hi = 127} "skipped"
      %s = q.MatMul(%other, %v)
      %i: int8[N,1]<2 s8> = q.Bnorm(%s, %b, %unit, %unit) {lo = -128, hi = 127} "last"
      %z = q.Dequantize(%i) {scale = 2.0}
      output "z" = %z`,
      TINPU_OPERATORS,
    );
    const corrections = await calibrateBias(float, graph, samples(Float32Array.of(1, 2, 3, 4, 5, 7), 2), OPTIONS);
    expect(corrections.map(({ node }) => node.name)).toEqual(['last']);
    expect(graph.nodes[2]?.inputs[1]?.constant?.toNumbers()).toEqual([0]);
  });
});

describe('limits of calibrateBias', () => {
  const bnorm = (layer: string, bias: number, shift: number): string => {
    // A bias below 0 is of use to a signed result only.
    const [type, lo, hi] = bias < 0 ? ['int8[N,1,1,1]<1 s8>', -128, 127] : ['uint8[N,1,1,1]<1 u8>', 0, 255];
    return `
    const %b: int32[1] = [${bias}]
    const %unit: int32[1] = [1]
    const %shift: int32[1] = [${shift}]
    ${layer}
    %y: ${type} = q.Bnorm(%p, %b, %unit, %shift) {lo = ${lo}, hi = ${hi}}
    output "y" = %y`;
  };
  const layer = (weight: number, bias: number, shift: number, type = 'int8', taps = 1): Graph =>
    parseGraph(
      `${INPUT(`N,${taps},1,1`)}
      const %w: ${type}[1,${taps},1,1] = splat ${weight}
      ${bnorm('%p = q.Conv(%q, %w) {strides = [1, 1], pads = [0, 0, 0, 0], dilations = [1, 1], group = 1}', bias, shift)}`,
      TINPU_OPERATORS,
    );
  const pool = (bias: number, shift: number): Graph =>
    parseGraph(`${INPUT('N,1,1,1')} ${bnorm('%p = q.GlobalSum(%q)', bias, shift)}`, TINPU_OPERATORS);
  /** A float graph that multiplies the sum of its inputs and adds to it. */
  const float = (factor: number, offset: number, taps = 1): Graph =>
    parseGraph(
      `graph "g"
      input %x: float32[N,${taps},1,1]
      const %w: float32[1,${taps},1,1] = splat ${factor}
      const %b: float32[1] = [${offset}]
      %y = Conv(%x, %w, %b)
      output "y" = %y`,
      OPERATORS,
    );
  const biasOf = (graph: Graph): number => graph.nodes.at(-1)?.inputs[1]?.constant?.toNumbers()[0] ?? NaN;
  const run = (reference: Graph, graph: Graph, data: readonly number[], taps = 1): Promise<BiasCorrection[]> =>
    calibrateBias(reference, graph, samples(Float32Array.from(data), taps, [taps, 1, 1]), OPTIONS);
  it.each([
    ['24 bits beside 8-bit weights', layer(1, 2 ** 23 - 5000, 16, 'int8', 2), 2 ** 23 - 1, [1, 0]],
    ['16 bits beside 4-bit weights', layer(1, 2 ** 15 - 500, 9, 'int4'), 2 ** 15 - 1, [1]],
    ['16 bits beside 2-bit weights', layer(1, 2 ** 15 - 100, 9, 'int2'), 2 ** 15 - 1, [1]],
    ['16 bits in a pool', pool(2 ** 15 - 100, 9), 2 ** 15 - 1, [1]],
  ])('stops at %s', async (_, graph, most, data) => {
    const before = biasOf(graph);
    // The largest bias and a sum of 1 make the next power of two, one unit more of the result, which should be 200.
    const [correction] = await run(float(0, 200, data.length), graph, data, data.length);
    expect(correction).toMatchObject({ saturated: 1, inexact: 0 });
    expect(correction?.moves).toEqual(Int32Array.of(most - before));
    expect(biasOf(graph)).toBe(most);
  });

  it.each([
    ['24 bits', layer(1, 5000 - 2 ** 23, 17, 'int8', 2), -(2 ** 23), [-1, 0]],
    ['16 bits', layer(1, 500 - 2 ** 15, 9, 'int4'), -(2 ** 15), [-1]],
  ])('stops at the least integer of %s', async (_, graph, least, data) => {
    const before = biasOf(graph);
    // The least bias and a sum of -1 leave the multiples of 2^shift, one unit less of the result, which should be -200.
    const [correction] = await run(float(0, -200, data.length), graph, data, data.length);
    expect(correction).toMatchObject({ saturated: 1, inexact: 0 });
    expect(correction?.moves).toEqual(Int32Array.of(least - before));
    expect(biasOf(graph)).toBe(least);
  });

  it('takes back no more biases than leave the integers that float32 holds', async () => {
    const taps = 1000;
    const graph = parseGraph(
      `${INPUT(`N,${taps},1,1`)}
      const %w: int8[3,${taps},1,1] = splat 127
      const %b: int32[3] = [0, 0, 7]
      const %unit: int32[1] = [1]
      const %shift: int32[1] = [16]
      %p = q.Conv(%q, %w) {strides = [1, 1], pads = [0, 0, 0, 0], dilations = [1, 1], group = 1}
      %y: uint8[N,3,1,1]<1 u8> = q.Bnorm(%p, %b, %unit, %shift) {lo = 0, hi = 255}
      output "y" = %y`,
      TINPU_OPERATORS,
    );
    const reference = parseGraph(
      `graph "g"
      input %x: float32[N,${taps},1,1]
      const %w: float32[3,${taps},1,1] = splat ${127 / 2 ** 16}
      const %b: float32[3] = [10, 5, 10]
      %y = Conv(%x, %w, %b)
      output "y" = %y`,
      OPERATORS,
    );
    // As in the case above: 10 units of the result are beyond what float32 leaves, 5 are not.
    const data = [0, 40, 80, 120].flatMap((x) => new Array<number>(taps).fill(x));
    const [correction] = await run(reference, graph, data, taps);
    expect([...(correction?.moves ?? [])].map((move) => move > 4 * 2 ** 16)).toEqual([false, true, false]);
    expect(graph.nodes.at(-1)?.inputs[1]?.constant?.toNumbers()).toEqual([0, correction?.moves[1], 7]);
    expect(correction?.inexact).toBe(2);
  });

  it('leaves a layer exact in float32', async () => {
    const taps = 1000;
    const graph = layer(127, 0, 16, 'int8', taps);
    const data = [0, 40, 80, 120].flatMap((x) => new Array<number>(taps).fill(x));
    const bound = (): number => accumulatorOf(graph.nodes.at(-1) ?? fail())?.bound ?? NaN;
    // 128 · 127 · 1000 = 16256000 leaves 521216 up to 2^24; the mean asks for 10 · 2^16 = 655360.
    expect(bound()).toBe(16256000);
    const [tooFar] = await run(float(127 / 2 ** 16, 10, taps), graph, data, taps);
    expect(tooFar).toMatchObject({ moves: Int32Array.of(0), inexact: 1 });
    expect(bound()).toBe(16256000);
    const [near] = await run(float(127 / 2 ** 16, 5, taps), graph, data, taps);
    expect(near?.moves[0]).toBeGreaterThan(4 * 2 ** 16);
    expect(near?.inexact).toBe(0);
    expect(bound()).toBeLessThanOrEqual(FLOAT32_EXACT);
  });

  it('keeps a bias where matching the mean would make the results worse', async () => {
    // Results 0 and 255 stand for 0 and 1270: only with all of them at 255 does the mean come closest.
    const graph = layer(127, 0, 4);
    const [correction] = await run(float(10, 0), graph, [0, 127, 0, 127]);
    expect(correction?.moves).toEqual(Int32Array.of(0));
  });
});

function fail(): never {
  throw new Error('no node');
}
