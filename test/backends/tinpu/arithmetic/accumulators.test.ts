import { describe, expect, it } from 'vitest';
import { opName, type Graph, type Node } from '../../../../src/ir/graph.js';
import { sizeOf } from '../../../../src/ir/shape.js';
import { Tensor } from '../../../../src/ir/tensor.js';
import { parseGraph } from '../../../../src/ir/text/parse.js';
import {
  accumulatorOf,
  FLOAT32_EXACT,
  isPool,
  sourceOf,
} from '../../../../src/backends/tinpu/arithmetic/accumulators.js';
import { TINPU_KERNELS, TINPU_OPERATORS } from '../../../../src/backends/tinpu/dialect.js';
import { prepare } from '../../../../src/runtime/executor.js';

const parse = (text: string): Graph => parseGraph(`graph "g"\n${text}`, TINPU_OPERATORS);
const bnormOf = (graph: Graph): Node => {
  const node = graph.nodes.findLast((each) => opName(each) === 'q.Bnorm');
  if (node === undefined) throw new Error('no q.Bnorm');
  return node;
};

const BNORM = (bias: string, scale: string): string => `
  const %bias: int32[${bias.split(',').length}] = [${bias}]
  const %scale: int32[${scale.split(',').length}] = [${scale}]
  const %shift: int32[1] = [2]
  %y = q.Bnorm(%sum, %bias, %scale, %shift) {lo = -128, hi = 127}
  output "y" = %y
  output "sum" = %sum`;

/** Integers of a producer with a range of five values, so that all of its inputs can be tried. */
const HEAD = (dims: string, lo: number, hi: number): string => `input %x: float32[${dims}]
  const %zero: float32[] = [0]
  const %one: float32[] = [1]
  const %none: int32[] = [0]
  %q = q.InputNorm(%x, %zero, %one, %none) {lo = ${lo}, hi = ${hi}}`;

interface Layer {
  readonly name: string;
  readonly dims: readonly number[];
  readonly lo: number;
  readonly hi: number;
  readonly layer: string;
  readonly bias: string;
  readonly scale: string;
}

const LAYERS: readonly Layer[] = [
  {
    name: 'a matrix, one column of which only has negative weights',
    dims: [1, 3],
    lo: -2,
    hi: 1,
    layer: `const %w: int8[3,2] = [5, -1, -7, -2, 3, -3]
      %sum = q.MatMul(%q, %w)`,
    bias: '10, -20',
    scale: '1, 3',
  },
  {
    name: 'a padded convolution of unsigned integers',
    dims: [1, 1, 2, 2],
    lo: 0,
    hi: 3,
    layer: `const %w: int8[2,1,2,2] = [1, -2, 3, 4, -5, -6, 7, 0]
      %sum = q.Conv(%q, %w) {strides = [1, 1], pads = [1, 0, 0, 1], dilations = [1, 1], group = 1}`,
    bias: '-3, 4',
    scale: '2',
  },
  {
    name: 'a depthwise convolution',
    dims: [1, 2, 2, 1],
    lo: -3,
    hi: 2,
    layer: `const %w: int8[2,1,2,1] = [1, -2, 3, 4]
      %sum = q.Conv(%q, %w) {strides = [1, 1], pads = [0, 0, 0, 0], dilations = [1, 1], group = 2}`,
    bias: '7',
    scale: '1',
  },
  {
    name: 'a transposed convolution whose windows overlap on one axis',
    dims: [1, 1, 2, 2],
    lo: -1,
    hi: 2,
    layer: `const %w: int8[1,2,2,2] = [5, -1, 2, 4, -7, 1, 3, -6]
      %sum = q.ConvTranspose(%q, %w) {strides = [1, 2], pads = [0, 0, 0, 0], dilations = [1, 1], group = 1, output_padding = [0, 0]}`,
    bias: '1, -2',
    scale: '1',
  },
  {
    name: 'a transposed convolution in groups whose dilated taps lie in two phases',
    dims: [1, 2, 1, 2],
    lo: -2,
    hi: 1,
    layer: `const %w: int8[2,1,1,3] = [5, -1, 4, 3, 4, -7]
      %sum = q.ConvTranspose(%q, %w) {strides = [1, 2], pads = [0, 1, 0, 0], dilations = [1, 1], group = 2, output_padding = [0, 1]}`,
    bias: '1, -2',
    scale: '1',
  },
  {
    name: 'the sum of a map',
    dims: [1, 1, 2, 2],
    lo: -2,
    hi: 3,
    layer: '%sum = q.GlobalSum(%q)',
    bias: '-9',
    scale: '4',
  },
  {
    name: 'integers that layout and MaxPool hand on',
    dims: [1, 1, 2, 2],
    lo: -1,
    hi: 2,
    layer: `const %w: int8[2,2] = [3, -4, 5, 6]
      %m = MaxPool(%q) {kernel_shape = [2, 1]}
      %f = Flatten(%m) {axis = 1}
      %sum = q.MatMul(%f, %w)`,
    bias: '0, 1',
    scale: '1',
  },
];

/** All tensors of the given dims whose elements are integers lo … hi. */
function* everyInput(dims: readonly number[], lo: number, hi: number): Generator<Tensor> {
  const size = sizeOf(dims);
  const levels = hi - lo + 1;
  for (let code = 0; code < levels ** size; code++) {
    yield Tensor.float32(
      dims,
      Array.from({ length: size }, (_, i) => lo + (Math.floor(code / levels ** i) % levels)),
    );
  }
}

describe('accumulatorOf', () => {
  for (const { name, dims, lo, hi, layer, bias, scale } of LAYERS) {
    it(`is what the accumulator of ${name} reaches over all inputs`, () => {
      const graph = parse(`${HEAD(dims.join(','), lo, hi)}\n${layer}${BNORM(bias, scale)}`);
      const program = prepare(graph, TINPU_KERNELS);
      const biases = bias.split(',').map(Number);
      const scales = scale.split(',').map(Number);
      let min = 0;
      let max = 0;
      let largest = 0;
      for (const x of everyInput(dims, lo, hi)) {
        const sums = program.run(new Map([['x', x]])).get('sum');
        const perChannel = sizeOf(sums?.dims.slice(2) ?? []);
        for (const [i, sum] of (sums?.toNumbers() ?? []).entries()) {
          const channel = Math.floor(i / perChannel) % (sums?.dims[1] ?? 1);
          min = Math.min(min, sum);
          max = Math.max(max, sum);
          const offset = biases[biases.length === 1 ? 0 : channel] ?? NaN;
          const factor = scales[scales.length === 1 ? 0 : channel] ?? NaN;
          largest = Math.max(largest, Math.abs(sum * factor), Math.abs((sum + offset) * factor));
        }
      }
      const found = accumulatorOf(bnormOf(graph));
      expect(found).toMatchObject({ min, max });
      expect(found?.bound).toBeGreaterThanOrEqual(largest);
    });
  }

  it('adds the magnitudes of sum and bias, whatever their signs, times the scale', () => {
    const graph = parse(`input %x: uint8[N,1]
      const %w: int8[1,2] = [1, -3]
      %sum = q.MatMul(%x, %w)${BNORM('10, -20', '2, 5')}`);
    expect(accumulatorOf(bnormOf(graph))).toEqual({ min: -765, max: 255, bound: (765 + 20) * 5 });
  });

  it('takes the range of the element type where no producer clips', () => {
    const graph = parse(`input %x: int16[N,1]
      const %w: int8[1,1] = [2]
      %sum = q.MatMul(%x, %w)${BNORM('0', '1')}`);
    expect(accumulatorOf(bnormOf(graph))).toEqual({ min: -65536, max: 65534, bound: 65536 });
  });

  it('counts 0 among the values of a producer that never gives it, as padding does', () => {
    const graph = parse(`${HEAD('1,1,1,1', 3, 5)}
      const %w: int8[1,1,2,1] = [1, 1]
      %sum = q.Conv(%q, %w) {strides = [1, 1], pads = [1, 0, 0, 0], dilations = [1, 1], group = 1}${BNORM('0', '1')}`);
    expect(accumulatorOf(bnormOf(graph))).toMatchObject({ min: 0, max: 10 });
  });

  it('knows nothing of sums over maps of no known size, of constants that are computed, and of other accumulators', () => {
    const unknown = [
      `input %x: int8[N,1,H,2]\n%sum = q.GlobalSum(%x)${BNORM('0', '1')}`,
      `input %sum: int32[N,2]${BNORM('0', '1')}`,
      `input %x: int8[N,1]\ninput %w: int8[1,1]\n%sum = q.MatMul(%x, %w)${BNORM('0', '1')}`,
      `input %x: int8[N,1]\ninput %bias: int32[1]\nconst %w: int8[1,1] = [1]\nconst %s: int32[1] = [1]
       %sum = q.MatMul(%x, %w)\n%y = q.Bnorm(%sum, %bias, %s, %s) {lo = -128, hi = 127}\noutput "y" = %y`,
    ];
    expect(unknown.map((text) => accumulatorOf(bnormOf(parse(text))))).toEqual(unknown.map(() => undefined));
  });

  it('spans what a mover brings together: tensors, constants and the zeros of padding', () => {
    const joined = parse(`${HEAD('1,2', -100, 100)}
      const %c: int8[1,1] = [5]
      const %w: int8[3,1] = [1, -2, 3]
      %r = q.Clip(%q) {lo = 2, hi = 4}
      %m = Concat(%r, %c) {axis = 1}
      %sum = q.MatMul(%m, %w)${BNORM('0', '1')}`);
    expect(accumulatorOf(bnormOf(joined))).toMatchObject({ min: -2 * 5, max: (1 + 3) * 5 });
    const padded = parse(`${HEAD('1,2', -7, -3)}
      const %pads: int64[4] = [0, 1, 0, 0]
      const %w: int8[3,1] = [1, -2, 3]
      %m = Pad(%q, %pads)
      %sum = q.MatMul(%m, %w)${BNORM('0', '1')}`);
    expect(accumulatorOf(bnormOf(padded))).toMatchObject({ min: (1 + 3) * -7, max: -2 * -7 });
  });

  it('calls what float32 holds exact', () => {
    expect(Math.fround(FLOAT32_EXACT - 1)).toBe(FLOAT32_EXACT - 1);
    expect(Math.fround(FLOAT32_EXACT + 1)).not.toBe(FLOAT32_EXACT + 1);
  });
});

describe('sourceOf', () => {
  it('finds the node that computes integers behind layout and MaxPool', () => {
    const graph = parse(`${HEAD('1,1,2,2', -1, 1)}
      %m = MaxPool(%q) {kernel_shape = [1, 1]}
      %t = Transpose(%m) {perm = [0, 1, 3, 2]}
      %f = Flatten(%t) {axis = 1}
      output "f" = %f`);
    const [output] = graph.outputs;
    expect(output && sourceOf(output.value)?.outputs[0]?.name).toBe('q');
    const [input] = graph.inputs;
    expect(input && sourceOf(input)).toBeUndefined();
  });

  it('stops where tensors are joined', () => {
    const graph = parse(`${HEAD('1,2', -1, 1)}
      %m = Concat(%q, %q) {axis = 1}
      %f = Flatten(%m) {axis = 1}
      output "f" = %f`);
    const [output] = graph.outputs;
    expect(output && sourceOf(output.value)?.op).toBe('Concat');
  });
});

describe('isPool', () => {
  const conv = (weights: string, dims: string, group: number, channels: number): Node | undefined =>
    parse(`input %x: int8[N,${channels},2,2]
      const %w: int8[${dims}] = ${weights}
      %sum = q.Conv(%x, %w) {strides = [1, 1], pads = [0, 0, 0, 0], dilations = [1, 1], group = ${group}}
      output "sum" = %sum`).nodes[0];

  it.each([
    ['a depthwise convolution of ones', conv('splat 1', '2,1,2,2', 2, 2), true],
    ['one that has another weight', conv('[1, 1, 1, 1, 1, 1, 1, 2]', '2,1,2,2', 2, 2), false],
    ['a full convolution of ones', conv('splat 1', '2,2,2,2', 1, 2), false],
    ['several outputs of a channel', conv('splat 1', '4,1,2,2', 2, 2), false],
    ['the sum of a map', parse('input %x: int8[N,2,2,2]\n%s = q.GlobalSum(%x)\noutput "s" = %s').nodes[0], true],
    [
      'MaxPool',
      parse('input %x: int8[N,2,2,2]\n%s = MaxPool(%x) {kernel_shape = [2, 2]}\noutput "s" = %s').nodes[0],
      false,
    ],
  ])('of %s', (_, node, expected) => {
    expect(node && isPool(node)).toBe(expected);
  });
});
