import { describe, expect, it } from 'vitest';
import { OPERATORS } from '../../../../src/ir/ops/index.js';
import { parseGraph } from '../../../../src/ir/text/parse.js';
import {
  assignRoles,
  type QuantisationPoint,
  type RoleOptions,
  type Roles,
} from '../../../../src/backends/tinpu/split/roles.js';

const CONSTANTS = `
  const %w: float32[2,2,1,1] = random 1
  const %k: float32[2,2,3,3] = random 11
  const %d: float32[2,1,1,1] = random 12
  const %b: float32[2] = random 2
  const %c: float32[2,1,1] = random 21
  const %wf: float32[2,3] = random 3
  const %sq: float32[2,2] = random 31
  const %bf: float32[3] = random 4
  const %v: float32[2] = splat 1
  const %zero: float32[] = [0]
  const %six: float32[] = [6]
  const %minus: float32[] = [-6]
  const %shape: int64[4] = [0, 2, 2, -1]
  const %pads: int64[8] = [0, 0, 1, 1, 0, 0, 1, 1]`;
const MAP = `input %x: float32[N,2,4,4]${CONSTANTS}`;
const ROW = `input %x: float32[N,2]${CONSTANTS}`;
const NORM = (x: string): string => `BatchNormalization(${x}, %v, %b, %b, %v)`;
const SAME = '{pads = [1, 1, 1, 1]}';

const roles = (text: string, options?: RoleOptions): Roles =>
  assignRoles(parseGraph(`graph "g"\n${text}`, OPERATORS), options);

const names = (points: readonly QuantisationPoint[]): string => points.map(({ value }) => value.name).join(' ');

const describePoint = ({ value, kind, node, bounds, from, residual }: QuantisationPoint): string =>
  [
    `${kind} ${value.name}`,
    ...(node === undefined ? [] : [`by ${node.op}`]),
    ...(bounds === undefined ? [] : [`in ${bounds.min} … ${bounds.max}`]),
    ...(from === undefined ? [] : [`from ${names(from.points)}`]),
    ...(residual ? ['residual'] : []),
  ].join(' ');

const pointsOf = (text: string, options?: RoleOptions): string[] => roles(text, options).points.map(describePoint);
const groupsOf = (text: string): string[] => roles(text).groups.map(({ points }) => names(points));
const signsOf = (text: string): string[] => [...new Set(roles(text).points.map(({ signs }) => names(signs.points)))];
const residuals = (text: string): string => names(roles(text).points.filter(({ residual }) => residual));

describe('points of a graph', () => {
  const tables: readonly (readonly [string, string, readonly string[], RoleOptions?])[] = [
    [
      'a chain of layers, each from the one before',
      `${MAP}
       %c1 = Conv(%x, %w, %b)
       %r = Clip(%c1, %zero)
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
      'a transposed convolution with bounds',
      `${MAP}
       %c1 = ConvTranspose(%x, %w)
       %y = Clip(%c1, %minus, %six)
       output "y" = %y`,
      ['input x', 'layer y by ConvTranspose in -6 … 6 from x'],
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
       const %one4: float32[4] = splat 1
       %t = Transpose(%x) {perm = [0, 3, 1, 2]}
       %n = BatchNormalization(%t, %one4, %one4, %one4, %one4)
       %r = Clip(%n, %minus, %six)
       %m = MaxPool(%r) {kernel_shape = [1, 1]}
       output "m" = %m`,
      ['affine r by BatchNormalization in -6 … 6'],
    ],
    [
      'an input read with and without its normalisation',
      `${MAP}
       %n = ${NORM('%x')}
       %y = Conv(%n, %w)
       %z = Conv(%x, %w)
       output "y" = %y
       output "z" = %z`,
      ['input x', 'affine n by BatchNormalization', 'layer y by Conv from n', 'layer z by Conv from x'],
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
      'a residual block',
      `${MAP}
       %a = Conv(%x, %k) ${SAME}
       %r = Clip(%a, %zero)
       %b2 = Conv(%r, %w)
       %s = Add(%b2, %x)
       %y = Clip(%s, %zero)
       output "y" = %y`,
      [
        'input x',
        'layer r by Conv in 0 … Infinity from x b2 y',
        'layer b2 by Conv from r residual',
        'add y by Add in 0 … Infinity',
      ],
    ],
    [
      'a layer that is read with and without its bounds: clipped on integers',
      `${ROW}
       %a = Gemm(%x, %sq)
       %y = Clip(%a, %zero)
       output "a" = %a
       output "y" = %y`,
      ['input x', 'layer a by Gemm from x'],
    ],
    [
      'islands: in front, in between, and at an output of integers',
      `${ROW}
       %i = Sin(%x)
       %a = Gemm(%i, %sq)
       %s = Sigmoid(%a)
       %f = Gemm(%s, %wf)
       %y = Softmax(%f) {axis = 1}
       output "y" = %y`,
      [
        'island i by Sin',
        'layer a by Gemm from i',
        'island s by Sigmoid',
        'layer f by Gemm from s',
        'island y by Softmax',
      ],
    ],
    [
      'an island that ends in bounds',
      `${ROW}
       %i = Sin(%x)
       %h = Clip(%i, %zero, %six)
       %y = Gemm(%h, %wf)
       output "y" = %y`,
      ['island h by Sin in 0 … 6', 'layer y by Gemm from h'],
    ],
    [
      'islands at float outputs, which are not quantised',
      `${ROW}
       %f = Gemm(%x, %wf)
       %s = Softmax(%f) {axis = 1}
       %t = Sigmoid(%f)
       output "f" = %f
       output "s" = %s
       output "t" = %t`,
      ['input x', 'layer f by Gemm from x'],
      { output: 'float' },
    ],
    [
      'one float result at two outputs of integers',
      `${ROW}
       %f = Gemm(%x, %wf)
       %s = Tanh(%f)
       output "s" = %s
       output "again" = %s`,
      ['input x', 'layer f by Gemm from x', 'island s by Tanh'],
    ],
    [
      'an addition of a constant and of an addition',
      `${MAP}
       %a = Conv(%x, %w)
       %s = Add(%a, %c)
       %y = Add(%c, %s)
       output "y" = %y`,
      ['input x', 'layer a by Conv from x', 'add s by Add', 'add y by Add'],
    ],
    [
      'an input that an output delivers, and that integers read',
      `${ROW}
       %y = Gemm(%x, %wf)
       output "x" = %x
       output "y" = %y`,
      ['input x', 'layer y by Gemm from x'],
    ],
  ];
  for (const [name, text, points, options] of tables) {
    it(`are those of ${name}`, () => {
      expect(pointsOf(text, options)).toEqual(points);
      expect(roles(text, options).obstacles).toEqual([]);
    });
  }

  it('are in topological order, groups in that of their first points', () => {
    const { points, groups } = roles(`${MAP}
      %a = Conv(%x, %w)
      %b2 = Conv(%a, %w)
      %s = Add(%a, %b2)
      %y = Conv(%s, %k)
      output "y" = %y`);
    expect(names(points)).toBe('x a b2 s y');
    expect(groups.map(({ points: members }) => names(members))).toEqual(['x', 'a b2 s', 'y']);
    expect(points.map(({ group, signs }) => [group, signs].every((set) => set.points.length > 0))).not.toContain(false);
  });
});

describe('groups of one scale', () => {
  it.each([
    ['are single points along a chain', '%a = Conv(%x, %w)\n%y = Conv(%a, %w)', ['x', 'a', 'y']],
    [
      'tie operands and result of an addition',
      '%a = Conv(%x, %k)\n%b2 = Conv(%x, %k)\n%y = Add(%a, %b2)',
      ['x', 'a b2 y'],
    ],
    [
      'tie several residual blocks that follow each other',
      `%a = Conv(%x, %w)
       %b2 = Conv(%a, %w)
       %s = Add(%a, %b2)
       %r = Clip(%s, %zero)
       %b3 = Conv(%r, %w)
       %t = Add(%b3, %r)
       %b4 = Conv(%t, %w)
       %y = Add(%t, %b4)`,
      ['x', 'a b2 r b3 t b4 y'],
    ],
    [
      'end where a layer lies between two blocks',
      `%a = Conv(%x, %w)
       %s = Add(%x, %a)
       %c1 = Conv(%s, %w)
       %b2 = Conv(%c1, %w)
       %y = Add(%b2, %c1)`,
      ['x a s', 'c1 b2 y'],
    ],
    [
      'tie what is concatenated',
      '%a = Conv(%x, %w)\n%b2 = Conv(%x, %w)\n%j = Concat(%a, %b2) {axis = 1}\n%y = MaxPool(%j) {kernel_shape = [2, 2]}',
      ['x', 'a b2'],
    ],
    [
      'tie through movers',
      '%a = Conv(%x, %k)\n%p = Pad(%a, %pads)\n%b2 = Conv(%x, %w)\n%y = Max(%p, %b2)',
      ['x', 'a b2'],
    ],
    [
      'tie an input with what is added to it',
      '%a = Conv(%x, %w)\n%t = Reshape(%x, %shape)\n%u = Reshape(%a, %shape)\n%y = Add(%t, %u)',
      ['x a y'],
    ],
    [
      'tie an island with what is added to it',
      '%a = Conv(%x, %w)\n%s = Sigmoid(%a)\n%t = Add(%a, %s)\n%y = Conv(%t, %w)',
      ['x', 'a s t', 'y'],
    ],
    [
      'do not tie what meets in float',
      '%a = Conv(%x, %w)\n%s = Sigmoid(%a)\n%m = Mul(%a, %s)\n%y = Conv(%m, %w)',
      ['x', 'a', 'm', 'y'],
    ],
  ])('%s', (_, text, groups) => {
    expect(groupsOf(`${MAP}\n${text}\noutput "y" = %y`)).toEqual(groups);
  });

  it('are of one signedness only where no addition lies between', () => {
    const text = `${MAP}
      %a = Conv(%x, %w)
      %r = Clip(%a, %zero)
      %b2 = Conv(%r, %k) ${SAME}
      %s = Add(%r, %b2)
      %q = Clip(%s, %zero)
      %e = Conv(%q, %w)
      %j = Concat(%q, %e) {axis = 1}
      %y = MaxPool(%j) {kernel_shape = [2, 2]}
      output "y" = %y`;
    expect(groupsOf(text)).toEqual(['x', 'r b2 q e']);
    expect(signsOf(text)).toEqual(['x', 'r', 'b2', 'q e']);
  });
});

describe('residual operands', () => {
  const block = (first: string, second: string, rest = ''): string => `${MAP}
    %p = Conv(%x, %k) ${SAME}
    %a = ${first}
    %e = ${second}
    %s = Add(%a, %e)
    %y = Conv(%s, %k)
    ${rest}
    output "y" = %y`;

  it.each([
    ['are a pointwise convolution', block('MaxPool(%p) {kernel_shape = [1, 1]}', 'Conv(%p, %w, %b)'), 'e'],
    ['may come first in the addition', block('Conv(%p, %w)', 'Conv(%p, %k) ' + SAME), 'a'],
    ['are the later one of two', block('Conv(%p, %w)', 'Conv(%p, %w)'), 'e'],
    ['are none without a pointwise convolution', block('Conv(%p, %k) ' + SAME, 'Conv(%p, %k) ' + SAME), ''],
    ['are none of several groups', block('Conv(%p, %d) {group = 2}', 'Conv(%p, %k) ' + SAME), ''],
    [
      'are none that another node reads',
      block('Conv(%p, %k) ' + SAME, 'Conv(%p, %w)', '%z = Conv(%e, %w)\noutput "z" = %z'),
      '',
    ],
    ['are none that an output delivers', block('Conv(%p, %k) ' + SAME, 'Conv(%p, %w)', 'output "e" = %e'), ''],
    ['are no transposed convolution', block('Conv(%p, %k) ' + SAME, 'ConvTranspose(%p, %w)'), ''],
    [
      'are the other one where the later one is read elsewhere',
      block('Conv(%p, %w)', 'Conv(%p, %w)', '%z = Sin(%e)\noutput "z" = %z'),
      'a',
    ],
  ])('%s', (_, text, expected) => expect(residuals(text)).toBe(expected));

  it('are none with bounds, broadcast, or added to themselves or to a constant', () => {
    const sum = (text: string): string =>
      residuals(`${MAP}\n%p = Conv(%x, %k) ${SAME}\n${text}\n%y = Conv(%s, %k)\noutput "y" = %y`);
    expect(sum('%a = Conv(%p, %w)\n%r = Clip(%a, %zero)\n%s = Add(%p, %r)')).toBe('');
    expect(sum('%g = GlobalAveragePool(%p)\n%a = Conv(%g, %w)\n%s = Add(%p, %a)')).toBe('');
    expect(sum('%a = Conv(%p, %w)\n%s = Add(%a, %a)')).toBe('');
    expect(sum('%a = Conv(%p, %w)\n%s = Add(%a, %c)')).toBe('');
  });

  it('are one for each addition of a chain', () => {
    expect(
      residuals(`${MAP}
        %a = Conv(%x, %w)
        %s = Add(%x, %a)
        %b2 = Conv(%s, %w)
        %y = Add(%b2, %s)
        output "y" = %y`),
    ).toBe('a b2');
  });

  it('are none in an island', () => {
    expect(
      residuals(`${MAP}
        %a = Conv(%x, %w)
        %i = Sin(%a)
        %e = Conv(%x, %w)
        %s = Add(%e, %i)
        %y = Cos(%s)
        output "y" = %y`),
    ).toBe('');
  });
});

describe('widths of points', () => {
  const text = `${MAP}
    %a = Conv(%x, %w) "first"
    %b2 = Conv(%a, %w) "second"
    %j = Concat(%a, %b2) {axis = 1}
    %y = MaxPool(%j) {kernel_shape = [2, 2]}
    output "y" = %y`;
  const bitsOf = (options: RoleOptions): string[] =>
    roles(text, options).points.map(({ value, bits, weightBits }) => `${value.name} ${weightBits}/${bits}`);

  it('are 8 unless told', () => expect(bitsOf({})).toEqual(['x 8/8', 'a 8/8', 'b2 8/8']));

  it('are those of the options, and of each layer', () => {
    expect(bitsOf({ weightBits: 4, activationBits: 2 })).toEqual(['x 4/2', 'a 4/2', 'b2 4/2']);
    expect(bitsOf({ layerBits: new Map([['second', { weights: 2 }]]) })).toEqual(['x 8/8', 'a 8/8', 'b2 2/8']);
  });

  it('are the widest that is asked for among tensors that pass through the same operators', () => {
    const layerBits = new Map([
      ['first', { activations: 4 }],
      ['second', { activations: 2 }],
    ] as const);
    expect(bitsOf({ layerBits })).toEqual(['x 8/8', 'a 8/4', 'b2 8/4']);
  });

  it('tell names that no layer bears', () => {
    const layerBits = new Map([
      ['first', { weights: 4 }],
      ['frist', { weights: 4 }],
    ] as const);
    expect(roles(text, { layerBits }).unknownLayers).toEqual(['frist']);
  });
});

describe('obstacles of a graph', () => {
  it('are weights and biases that are no finite numbers, each with its constant', () => {
    const { obstacles } = roles(`input %x: float32[N,2]
      const %w: float32[2,2] = [1, nan, 2, 3]
      const %v: float32[2,2] = [1, 0, 2, 3]
      const %b: float32[2] = [inf, 0]
      %y = Gemm(%x, %w)
      %z = Gemm(%x, %v, %b)
      %ok = Gemm(%x, %v)
      output "y" = %y
      output "z" = %z
      output "ok" = %ok`);
    expect(obstacles.map(({ node, reason, hint }) => [node.outputs[0]?.name, reason, hint !== ''])).toEqual([
      ['y', "'w' holds NaN or infinite values", true],
      ['z', "'b' holds NaN or infinite values", true],
    ]);
  });

  it.each([
    ['elements of another type', 'input %x: int64[N,2]\n%y = Flatten(%x)\noutput "y" = %y'],
    ['operators without integers', `${ROW}\n%a = Gemm(%x, %wf)\n%y = Erf(%a)\noutput "y" = %y`],
    ['a normalisation behind a layer', `${MAP}\n%a = Conv(%x, %w)\n%y = ${NORM('%a')}\noutput "y" = %y`],
    [
      'a pool that also returns indices',
      `${MAP}\n%y, %i = MaxPool(%x) {kernel_shape = [2, 2]}\noutput "y" = %y\noutput "i" = %i`,
    ],
    ['computed weights', `${ROW}\ninput %rows: float32[2,3]\n%y = Gemm(%x, %rows)\noutput "y" = %y`],
  ])('are not %s', (_, text) => expect(roles(text).obstacles).toEqual([]));
});
