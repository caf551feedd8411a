import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TINPU_KERNELS, TINPU_OPERATORS } from '../../../../src/backends/tinpu/dialect.js';
import { layersOf } from '../../../../src/backends/tinpu/report/layers.js';
import { legaliseGraph } from '../../../../src/backends/tinpu/legalise/legalise.js';
import { placementRefusals, type RuleSet } from '../../../../src/backends/tinpu/placement/rules.js';
import { findTarget } from '../../../../src/backends/targets.js';
import type { Diagnostic } from '../../../../src/ir/diagnostics.js';
import type { Graph } from '../../../../src/ir/graph.js';
import { uniformSource } from '../../../../src/ir/random.js';
import { exportModel } from '../../../../src/ir/onnx/export.js';
import { OPERATORS } from '../../../../src/ir/ops/index.js';
import { Tensor } from '../../../../src/ir/tensor.js';
import { compileModel } from '../../../../src/backends/compile-model.js';
import { parseGraph } from '../../../../src/ir/text/parse.js';
import { printGraph } from '../../../../src/ir/text/print.js';
import { verifyGraph } from '../../../../src/ir/verify.js';
import { describeDifference, randomFeeds, runGraph } from '../../../support/random-runs.js';

const NPU = findTarget('f28p55')!;

function legalise(graph: Graph, rules: RuleSet = 'strict', target = NPU): { graph: Graph; diagnostics: Diagnostic[] } {
  const diagnostics: Diagnostic[] = [];
  const legal = legaliseGraph(graph, target, rules, { verify: true, report: (d) => diagnostics.push(d) });
  return { graph: legal, diagnostics };
}

const parse = (text: string): Graph => parseGraph(`graph "g"\n${text}`, TINPU_OPERATORS);

/** Layers of TI's patterns that the NPU refuses. */
const refused = (graph: Graph, rules: RuleSet): string[] =>
  layersOf(graph).flatMap(({ shape }) => (shape.pattern === undefined ? [] : placementRefusals(shape, rules)));

/** Every element of every output is the same on random integers of the whole range. */
function expectSameIntegers(before: Graph, after: Graph): void {
  expect(verifyGraph(after, TINPU_OPERATORS)).toEqual([]);
  const ranges = Object.fromEntries(before.inputs.map(({ name }) => [name, [-128, 128] as const]));
  for (const seed of [0, 1, 2]) {
    const feeds = randomFeeds(before, seed, { ranges });
    const wanted = runGraph(before, TINPU_KERNELS, feeds);
    expect(describeDifference(wanted, runGraph(after, TINPU_KERNELS, feeds), 'bits')).toBeUndefined();
  }
}

/** Seeded integers in -limit … limit, as the text form has them. */
function integers(seed: number, count: number, limit: number): string {
  const next = uniformSource(seed);
  return `[${Array.from({ length: count }, () => Math.round(next() * limit)).join(', ')}]`;
}

/** Constants of a q.Bnorm that leaves most integers within its range. */
const BNORM = (
  name: string,
  channels: number,
): string => `const %${name}b: int32[${channels}] = ${integers(3, channels, 4000)}
  const %${name}one: int32[1] = [1]
  const %${name}n: int32[1] = [7]`;
const CALL = (result: string, sum: string, name: string): string =>
  `%${result} = q.Bnorm(%${sum}, %${name}b, %${name}one, %${name}n) {lo = -128, hi = 127} "${name}"`;

interface Window {
  readonly channels: number;
  readonly outputs: number;
  readonly kernel: readonly [number, number];
  readonly strides: readonly [number, number];
  readonly dilations: readonly [number, number];
  readonly pads: readonly number[];
  readonly map: readonly [number, number];
  readonly depthwise: boolean;
}

const small = fc.integer({ min: 1, max: 3 });
const pair = (of: fc.Arbitrary<number>): fc.Arbitrary<[number, number]> => fc.tuple(of, of);
const windows: fc.Arbitrary<Window> = fc
  .record({
    channels: fc.integer({ min: 1, max: 9 }),
    outputs: fc.integer({ min: 1, max: 9 }),
    kernel: fc.oneof(
      fc.tuple(fc.integer({ min: 1, max: 11 }), fc.constant(1)),
      fc.tuple(fc.constant(1), fc.integer({ min: 1, max: 11 })),
      pair(small),
    ),
    strides: pair(fc.integer({ min: 1, max: 4 })),
    dilations: fc.oneof(fc.constant<[number, number]>([1, 1]), pair(fc.integer({ min: 1, max: 2 }))),
    pads: fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 4, maxLength: 4 }),
    map: fc.oneof(
      fc.tuple(fc.integer({ min: 1, max: 24 }), fc.constant(1)),
      fc.tuple(fc.constant(1), fc.integer({ min: 1, max: 24 })),
      pair(fc.integer({ min: 3, max: 8 })),
    ),
    depthwise: fc.boolean(),
  })
  .filter(({ kernel, dilations, pads, map }) =>
    [0, 1].every((axis) => map[axis]! + pads[axis]! + pads[axis + 2]! >= (kernel[axis]! - 1) * dilations[axis]! + 1),
  );

/** A convolution, and behind it nothing, pools, another convolution, or a product of all features. */
function network({ channels, outputs, kernel, strides, dilations, pads, map, depthwise }: Window, tail: number): Graph {
  const results = depthwise ? channels : outputs;
  const extent = [0, 1].map(
    (axis) =>
      Math.floor(
        (map[axis]! + pads[axis]! + pads[axis + 2]! - (kernel[axis]! - 1) * dilations[axis]! - 1) / strides[axis]!,
      ) + 1,
  );
  const weights = integers(1, results * (depthwise ? 1 : channels) * kernel[0] * kernel[1], 127);
  const lines = [
    `input %x: int8[N,${channels},${map.join(',')}]`,
    `const %w: int8[${results},${depthwise ? 1 : channels},${kernel.join(',')}] = ${weights}`,
    BNORM('first', results),
    `%s = q.Conv(%x, %w) {strides = [${strides.join(', ')}], pads = [${pads.join(', ')}], dilations = [${dilations.join(', ')}], group = ${depthwise ? channels : 1}}`,
    CALL('y', 's', 'first'),
  ];
  let last = 'y';
  if (tail === 1) {
    lines.push('%m = MaxPool(%y) {kernel_shape = [1, 1], strides = [1, 1]} "max"', BNORM('gap', results));
    lines.push('%g = q.GlobalSum(%m)', CALL('p', 'g', 'gap'));
    last = 'p';
  } else if (tail === 2) {
    lines.push(`const %v: int8[6,${results},1,1] = ${integers(2, 6 * results, 127)}`, BNORM('second', 6));
    lines.push('%t = q.Conv(%y, %v) {strides = [1, 1], pads = [0, 0, 0, 0], dilations = [1, 1], group = 1}');
    lines.push(CALL('z', 't', 'second'), 'output "z" = %z');
  } else if (tail === 3) {
    const features = results * extent[0]! * extent[1]!;
    lines.push(
      '%f = Flatten(%y) {axis = 1}',
      `const %v: int8[${features},5] = ${integers(2, 5 * features, 127)}`,
      BNORM('fc', 5),
    );
    lines.push('%t = q.MatMul(%f, %v)', CALL('z', 't', 'fc'));
    last = 'z';
  }
  return parse([...lines, `output "y" = %${last}`].join('\n'));
}

describe('legaliseGraph', () => {
  it.each(['strict', 'relaxed'] as const)('never changes an integer, nor the graph it is given (%s)', (rules) => {
    let moved = 0;
    fc.assert(
      fc.property(windows, fc.nat({ max: 3 }), (window, tail) => {
        const graph = network(window, tail);
        const text = printGraph(graph);
        const { graph: legal } = legalise(graph, rules);
        expect(printGraph(graph)).toBe(text);
        expectSameIntegers(graph, legal);
        const [before, after] = [refused(graph, rules).length, refused(legal, rules).length];
        expect(after).toBeLessThanOrEqual(before);
        if (after < before) moved++;
      }),
      { seed: 11, numRuns: 150 },
    );
    expect(moved).toBeGreaterThan(50);
  });

  const conv = (
    shape: string,
    weight: string,
    attributes: string,
    channels: number,
  ): string => `input %x: int8[${shape}]
    const %w: ${weight}
    ${BNORM('conv', channels)}
    %s = q.Conv(%x, %w) {${attributes}}
    ${CALL('y', 's', 'conv')}
    output "y" = %y`;
  const PLAIN = 'strides = [1, 1], pads = [0, 0, 0, 0], dilations = [1, 1], group = 1';

  it.each<[string, string, string[]]>([
    [
      'a pointwise convolution of one channel grows a zero tap',
      conv('N,1,6,5', `int8[4,1,1,1] = ${integers(5, 4, 127)}`, PLAIN, 4),
      ['FCONV'],
    ],
    [
      'a strided pointwise convolution likewise',
      conv('N,4,6,5', `int8[4,4,1,1] = ${integers(5, 16, 127)}`, PLAIN.replace('[1, 1]', '[2, 2]'), 4),
      ['GCONV'],
    ],
    [
      'a long kernel lies down over a row',
      conv('N,4,20,1', `int8[4,4,9,1] = ${integers(5, 144, 127)}`, PLAIN, 4),
      ['GCONV'],
    ],
    [
      'a long kernel whose ends are 0 is trimmed',
      conv(
        'N,1,20,12',
        `int8[4,1,3,9] = [${'0, 1, 2, 3, 4, 5, 6, 7, 0, '.repeat(12).slice(0, -2)}]`,
        PLAIN.replace('0, 0, 0, 0', '0, 4, 0, 4'),
        4,
      ),
      ['FCONV'],
    ],
    [
      'a stride of 3 folds into channels',
      conv('N,4,20,5', `int8[4,4,9,2] = ${integers(5, 288, 127)}`, PLAIN.replace('[1, 1]', '[3, 1]'), 4),
      ['GCONV'],
    ],
    [
      '3 input and 6 output channels are filled up',
      conv('N,3,6,5', `int8[6,3,3,3] = ${integers(5, 162, 127)}`, PLAIN, 6),
      ['GCONV'],
    ],
    [
      'a product of rows becomes a pointwise convolution',
      `input %x: int8[N,5,8]
       const %flat: int64[2] = [-1, 8]
       const %back: int64[3] = [-1, 5, 4]
       const %w: int8[8,4] = ${integers(5, 32, 127)}
       ${BNORM('fc', 4)}
       %f = Reshape(%x, %flat)
       %s = q.MatMul(%f, %w)
       ${CALL('r', 's', 'fc')}
       %y = Reshape(%r, %back)
       output "y" = %y`,
      ['PWCONV'],
    ],
    [
      'a product of few features gets zeros',
      `input %x: int8[N,12]
       const %w: int8[12,3] = ${integers(5, 36, 127)}
       ${BNORM('fc', 3)}
       %s = q.MatMul(%x, %w)
       ${CALL('y', 's', 'fc')}
       output "y" = %y`,
      ['FC'],
    ],
    [
      'a product of 4-bit weights needs 8',
      `input %x: int8[N,5]
       const %w: int4[5,3] = ${integers(5, 15, 7)}
       ${BNORM('fc', 3)}
       %s = q.MatMul(%x, %w)
       ${CALL('y', 's', 'fc')}
       output "y" = %y`,
      ['FC'],
    ],
    [
      'layers behind a wider one read all of it, without a copy',
      `input %x: int8[N,1,8,8]
       const %w: int8[6,1,3,3] = ${integers(5, 54, 127)}
       const %v: int8[6,6,3,3] = ${integers(6, 324, 127)}
       const %u: int8[36,4] = ${integers(7, 144, 127)}
       ${BNORM('first', 6)}
       ${BNORM('second', 6)}
       ${BNORM('fc', 4)}
       %s = q.Conv(%x, %w) {${PLAIN}}
       ${CALL('a', 's', 'first')}
       %m = MaxPool(%a) {kernel_shape = [2, 2], strides = [1, 1]} "max"
       %t = q.Conv(%m, %v) {${PLAIN.replace('[1, 1]', '[2, 1]')}}
       ${CALL('b', 't', 'second')}
       %f = Flatten(%b) {axis = 1}
       %r = q.MatMul(%f, %u)
       ${CALL('y', 'r', 'fc')}
       output "y" = %y`,
      ['FCONV', 'MAXPOOL', 'GCONV', 'FC'],
    ],
  ])('%s', (_, text, patterns) => {
    const graph = parse(text);
    expect(refused(graph, 'strict')).not.toEqual([]);
    const { graph: legal, diagnostics } = legalise(graph);
    expectSameIntegers(graph, legal);
    expect(refused(legal, 'strict')).toEqual([]);
    const layers = layersOf(legal).filter(({ shape }) => shape.pattern !== undefined);
    expect(layers.map(({ shape }) => shape.pattern)).toEqual(patterns);
    expect(diagnostics.map(({ code, severity }) => [code, severity])).toContainEqual(['legalised', 'info']);
  });

  it('leaves no copy between layers that are wider together', () => {
    const graph = parse(`input %x: int8[N,1,8,8]
      const %w: int8[6,1,3,3] = ${integers(5, 54, 127)}
      const %v: int8[4,6,3,3] = ${integers(6, 216, 127)}
      ${BNORM('first', 6)}
      ${BNORM('second', 4)}
      %s = q.Conv(%x, %w) {${PLAIN}}
      ${CALL('a', 's', 'first')}
      %t = q.Conv(%a, %v) {${PLAIN}}
      ${CALL('y', 't', 'second')}
      output "y" = %y`);
    const { graph: legal, diagnostics } = legalise(graph);
    expect(legal.nodes.map(({ op }) => op)).toEqual(['Conv', 'Bnorm', 'Conv', 'Bnorm']);
    // 2 channels of 9 weights, 3 bytes of bias, one shift (scales that serve all are counted for each); 2 · 4 · 9 zeros.
    expect(diagnostics.map(({ message }) => message)).toEqual([
      "'first': FCONV on the CPU (6 output channels, a multiple of 4 is needed (4 or 8)) → FCONV on the NPU, 28 more bytes of constants",
      "'second': GCONV on the CPU (6 input channels, a multiple of 4 is needed (4 or 8)) → GCONV on the NPU, 72 more bytes of constants",
    ]);
  });

  it.each([
    [
      'a kernel of 9 rows that visits all of them',
      conv('N,4,20,5', `int8[4,4,9,2] = splat 3`, PLAIN, 4),
      'kernel height 9',
    ],
    [
      'dilations',
      conv('N,4,20,5', `int8[4,4,3,3] = splat 3`, PLAIN.replace('dilations = [1, 1]', 'dilations = [2, 2]'), 4),
      'dilation (2, 2)',
    ],
  ])('says that %s stays on the CPU', (_, text, reason) => {
    const graph = parse(text);
    const { graph: legal, diagnostics } = legalise(graph);
    expect(printGraph(legal)).toBe(printGraph(graph));
    expect(diagnostics.map(({ code }) => code)).toEqual(['not-legalised']);
    expect(diagnostics[0]?.message).toContain(reason);
  });

  it('leaves graphs for targets without an NPU and layers that are legal as they are', () => {
    const odd = parse(conv('N,1,8,8', `int8[6,1,3,3] = splat 1`, PLAIN, 6));
    expect(legalise(odd, 'strict', findTarget('f28p65')).graph).toBe(odd);
    const even = parse(conv('N,1,8,8', `int8[8,1,3,3] = splat 1`, PLAIN, 8));
    const { graph, diagnostics } = legalise(even);
    expect([printGraph(graph), diagnostics]).toEqual([printGraph(even), []]);
  });

  it('compiles to a file that computes the same integers', async () => {
    const bytes = exportModel(
      parseGraph(
        `graph "net"
input %x: float32[N,3,24,1]
const %w: float32[6,3,9,1] = random 1
const %v: float32[60,2] = random 2
%a = Conv(%x, %w) {strides = [2, 1], pads = [2, 0, 2, 0]} "conv"
%b = Relu(%a) "relu"
%f = Flatten(%b) {axis = 1} "flatten"
%y = Gemm(%f, %v) "fc"
output "y" = %y`,
        OPERATORS,
      ),
      { opset: 17 },
    );
    const samples = Tensor.zeros('float32', [8, 3, 24, 1]);
    const next = uniformSource(9);
    for (let i = 0; i < samples.size; i++) samples.data[i] = next();
    const plain = await compileModel(bytes, { target: 'f28p55', samples });
    const legal = await compileModel(bytes, { target: 'f28p55', samples, legalise: true, verify: true });
    const place = ({ summary }: typeof plain): unknown =>
      summary.layers.flatMap(({ name, pattern, placement }) => (pattern === null ? [] : [[name, placement]]));
    expect(place(plain)).toEqual([
      ['conv', 'cpu'],
      ['fc', 'npu'],
    ]);
    expect(place(legal)).toEqual([
      ['conv', 'npu'],
      ['fc', 'npu'],
    ]);
    const feeds = new Map([['x', samples]]);
    const run = (graph: Graph): ReadonlyMap<string, Tensor> => runGraph(graph, TINPU_KERNELS, feeds);
    expect(describeDifference(run(plain.quantised), run(legal.quantised), 'bits')).toBeUndefined();
    expect(legal.summary.totals.npuShare).toBe(1);
  });
});
