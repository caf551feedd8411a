import { describe, expect, it } from 'vitest';
import { OPERATORS } from '../../../src/ir/ops/index.js';
import { parseGraph } from '../../../src/ir/text/parse.js';
import { assignRoles, type QuantisationPoint } from '../../../src/backends/tinpu/roles.js';

const describePoint = ({ value, kind, node, bounds, from }: QuantisationPoint): string =>
  [
    `${kind} ${value.name}`,
    ...(node === undefined ? [] : [`by ${node.op}`]),
    ...(bounds === undefined ? [] : [`in ${bounds.min} … ${bounds.max}`]),
    ...(from === undefined ? [] : [`from ${from.value.name}`]),
  ].join(' ');

const rolesOf = (text: string): { points: string[]; obstacles: string[] } => {
  const { points, obstacles } = assignRoles(parseGraph(`graph "g"\n${text}`, OPERATORS));
  return {
    points: points.map(describePoint),
    obstacles: obstacles.map(({ node, reason }) => `${node.outputs[0]?.name ?? ''}: ${reason}`),
  };
};

const CONSTANTS = `
  const %w: float32[2,2,1,1] = random 1
  const %b: float32[2] = random 2
  const %wf: float32[2,3] = random 3
  const %bf: float32[3] = random 4
  const %one: float32[2] = splat 1
  const %zero: float32[] = [0]
  const %six: float32[] = [6]
  const %minus: float32[] = [-6]`;
const MAP = `input %x: float32[N,2,4,4]${CONSTANTS}`;
const ROW = `input %x: float32[N,2]${CONSTANTS}`;
const NORM = (x: string): string => `BatchNormalization(${x}, %one, %b, %b, %one)`;

describe('points of a graph', () => {
  const tables: readonly (readonly [string, string, readonly string[]])[] = [
    [
      'a chain of layers, each from the one before',
      `${MAP}
       %c = Conv(%x, %w, %b)
       %r = Clip(%c, %zero)
       %m = MaxPool(%r) {kernel_shape = [2, 2]}
       %a = AveragePool(%m) {kernel_shape = [2, 2]}
       %g = GlobalAveragePool(%a)
       %f = Flatten(%g) {axis = 1}
       %y = Gemm(%f, %wf, %bf)
       output "y" = %y`,
      [
        'input x',
        'layer r by Conv in 0 … Infinity from x',
        'pool a by AveragePool from r',
        'pool g by GlobalAveragePool from a',
        'layer y by Gemm from g',
      ],
    ],
    [
      'an input that is normalised first',
      `${MAP}
       %n = ${NORM('%x')}
       %y = Conv(%n, %w)
       output "y" = %y`,
      ['affine n by BatchNormalization', 'layer y by Conv from n'],
    ],
    [
      'an input that is moved, normalised and clipped',
      `input %x: float32[N,2,2,4]${CONSTANTS}
       %t = Transpose(%x) {perm = [0, 2, 3, 1]}
       %u = Transpose(%t) {perm = [0, 2, 3, 1]}
       const %one4: float32[4] = splat 1
       %v = Transpose(%x) {perm = [0, 3, 1, 2]}
       %n = BatchNormalization(%v, %one4, %one4, %one4, %one4)
       %r = Clip(%n, %minus, %six)
       %m = MaxPool(%r) {kernel_shape = [1, 1]}
       output "m" = %m`,
      ['affine r by BatchNormalization in -6 … 6'],
    ],
    [
      'a clipped input',
      `${ROW}
       %r = Clip(%x, %zero, %six)
       %y = Gemm(%r, %wf)
       output "y" = %y`,
      ['input r in 0 … 6', 'layer y by Gemm from r'],
    ],
    [
      'an input behind a layout, shared by two layers',
      `${MAP}
       %t = Transpose(%x) {perm = [0, 1, 3, 2]}
       %a = Conv(%t, %w)
       %b2 = Conv(%x, %w)
       output "a" = %a
       output "b" = %b2`,
      ['input x', 'layer a by Conv from x', 'layer b2 by Conv from x'],
    ],
    [
      'MaxPool of the raw input',
      `${MAP}
       %m = MaxPool(%x) {kernel_shape = [2, 2]}
       output "m" = %m`,
      ['input x'],
    ],
    [
      'a float tail at several outputs',
      `${ROW}
       %f = Gemm(%x, %wf)
       %s = Softmax(%f) {axis = 1}
       %t = Sigmoid(%f)
       %u = Flatten(%t) {axis = 1}
       output "f" = %f
       output "s" = %s
       output "u" = %u`,
      ['input x', 'layer f by Gemm from x', 'tail s by Softmax', 'tail u by Flatten'],
    ],
    [
      'one float result at two outputs',
      `${ROW}
       %f = Gemm(%x, %wf)
       %s = Tanh(%f)
       output "s" = %s
       output "again" = %s`,
      ['input x', 'layer f by Gemm from x', 'tail s by Tanh'],
    ],
    [
      'a graph of layout alone',
      `${MAP}
       %y = Flatten(%x) {axis = 1}
       output "y" = %y`,
      [],
    ],
  ];
  for (const [name, text, points] of tables) {
    it(`finds those of ${name}`, () => expect(rolesOf(text)).toEqual({ points, obstacles: [] }));
  }
});

describe('obstacles of a graph', () => {
  const tables: readonly (readonly [string, string, readonly string[]])[] = [
    [
      'elements of another type',
      `input %x: int64[N,2]
       %y = Flatten(%x)
       output "y" = %y`,
      ['y: Flatten reads elements of type int64'],
    ],
    [
      'a sum of two tensors',
      `${ROW}
       %a = Gemm(%x, %wf)
       %b2 = Gemm(%x, %wf)
       %y = Add(%a, %b2)
       output "y" = %y`,
      ['y: Add joins 2 tensors'],
    ],
    [
      'a pool that also returns indices',
      `${MAP}
       %y, %i = MaxPool(%x) {kernel_shape = [2, 2]}
       output "y" = %y
       output "i" = %i`,
      ['y: MaxPool returns indices as well'],
    ],
    [
      'layers behind float functions',
      `${MAP}
       %c = Conv(%x, %w)
       %s = Softmax(%c) {axis = 1}
       %y = MaxPool(%s) {kernel_shape = [2, 2]}
       output "y" = %y`,
      ['s: Softmax is followed by further layers'],
    ],
    [
      'float functions of the raw input',
      `${ROW}
       %s = Sigmoid(%x)
       output "s" = %s`,
      ['s: Sigmoid is applied to the raw input'],
    ],
    [
      'a BatchNormalization that follows layers',
      `${MAP}
       %m = MaxPool(%x) {kernel_shape = [2, 2]}
       %y = ${NORM('%m')}
       output "y" = %y`,
      ['y: BatchNormalization can be folded into no neighbouring layer'],
    ],
    [
      'an operator without integers',
      `${MAP}
       %y = Erf(%x)
       output "y" = %y`,
      ['y: Erf has no integer form'],
    ],
    [
      'a result read with and without its bounds',
      `${ROW}
       %a = Gemm(%x, %wf)
       %y = Clip(%a, %zero)
       output "a" = %a
       output "y" = %y`,
      ['y: the clipped tensor is also read without the bounds'],
    ],
    [
      'an input read with and without its BatchNormalization',
      `${MAP}
       %n = ${NORM('%x')}
       %y = Conv(%n, %w)
       %z = Conv(%x, %w)
       output "y" = %y
       output "z" = %z`,
      ["n: 'x' is also read without the BatchNormalization"],
    ],
    [
      'bounds that leave one value, and bounds that no range has',
      `${ROW}
       const %two: float32[] = [2]
       %a = Gemm(%x, %wf)
       %ya = Clip(%a, %six, %six)
       %b2 = Gemm(%x, %wf)
       %yb = Clip(%b2, %minus, %two)
       %c = Gemm(%x, %wf)
       %yc = Clip(%c, %two)
       output "a" = %ya
       output "b" = %yb
       output "c" = %yc`,
      [
        'ya: Clip to 6 … 6 leaves one value',
        'yb: Clip to -6 … 2 is neither [0, c] nor [-c, c]',
        'yc: Clip to 2 … Infinity is neither [0, c] nor [-c, c]',
      ],
    ],
    [
      'a layer whose weights or bias are inputs of the model',
      `${ROW}
       input %bias: float32[3]
       input %rows: float32[2,3]
       %y = Gemm(%x, %rows)
       %z = Gemm(%x, %wf, %bias)
       output "y" = %y
       output "z" = %z`,
      ['y: Gemm joins 2 tensors', 'z: Gemm joins 2 tensors'],
    ],
    [
      'a layer that applies the input to a constant as its weights or bias',
      `input %x: float32[2,3]
       input %k: float32[2,2,1,1]
       const %rows: float32[4,2] = random 1
       const %map: float32[1,2,3,3] = random 2
       const %columns: float32[2,3] = random 3
       const %square: float32[2,2] = random 4
       %y = Gemm(%rows, %x)
       %z = Conv(%map, %k)
       %v = Gemm(%square, %columns, %x)
       output "y" = %y
       output "z" = %z
       output "v" = %v`,
      [
        'y: the weights are computed by the model',
        'z: the weights are computed by the model',
        'v: the weights are computed by the model',
      ],
    ],
    [
      'weights and biases that are no finite numbers',
      `input %x: float32[N,2]
       const %w: float32[2,2] = [1, nan, 2, 3]
       const %v: float32[2,2] = [1, 0, 2, 3]
       const %b: float32[2] = [inf, 0]
       %y = Gemm(%x, %w)
       %z = Gemm(%x, %v, %b)
       output "y" = %y
       output "z" = %z`,
      ["y: 'w' holds NaN or infinite values", "z: 'b' holds NaN or infinite values"],
    ],
    [
      'layers of other ranks',
      `input %x: float32[N,2,5]
       const %w: float32[2,2,1] = random 1
       %y = Conv(%x, %w)
       %z = GlobalAveragePool(%x)
       output "y" = %y
       output "z" = %z`,
      ['y: Conv of a rank-3 tensor', 'z: GlobalAveragePool of a rank-3 tensor'],
    ],
    [
      'a mean over a map of no known size',
      `input %x: float32[N,2,H,4]
       %y = GlobalAveragePool(%x)
       output "y" = %y`,
      ['y: the map that is averaged has no known size'],
    ],
    [
      'means that divide by another area at the border, or skip elements',
      `${MAP}
       %a = AveragePool(%x) {kernel_shape = [2, 2], pads = [1, 0, 0, 0]}
       %c = AveragePool(%x) {kernel_shape = [3, 3], strides = [2, 2], ceil_mode = 1}
       %d = AveragePool(%x) {kernel_shape = [2, 2], dilations = [2, 1]}
       output "a" = %a
       output "c" = %c
       output "d" = %d`,
      [
        'a: AveragePool divides by another area at the border, where padding, or ceil_mode, cuts its windows short',
        'c: AveragePool divides by another area at the border, where padding, or ceil_mode, cuts its windows short',
        'd: AveragePool with dilations',
      ],
    ],
    [
      'several things in one chain, each with its own reason',
      `${MAP}
       %a = Erf(%x)
       %b2 = Conv(%a, %w)
       %c = Clip(%b2, %zero)
       %d = Add(%c, %c)
       %e = MaxPool(%d) {kernel_shape = [2, 2]}
       %y = Sin(%e)
       output "y" = %y`,
      ['a: Erf has no integer form', 'd: Add joins 2 tensors', 'y: Sin has no integer form'],
    ],
  ];
  for (const [name, text, obstacles] of tables) {
    it(`are ${name}`, () => expect(rolesOf(text).obstacles).toEqual(obstacles));
  }

  it('tell what is accepted instead', () => {
    const { obstacles } = assignRoles(
      parseGraph('graph "g"\ninput %x: float64[N,2]\n%y = Sigmoid(%x)\noutput "y" = %y', OPERATORS),
    );
    expect(obstacles.map(({ hint }) => hint)).toEqual([expect.stringContaining('float32 inputs')]);
  });
});
