import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TINPU_KERNELS, TINPU_OPERATORS } from '../../../../src/backends/tinpu/dialect.js';
import { layersOf } from '../../../../src/backends/tinpu/layers.js';
import { legaliseGraph } from '../../../../src/backends/tinpu/legalise/legalise.js';
import { placementRefusals, type RuleSet } from '../../../../src/backends/tinpu/placement/rules.js';
import { findTarget } from '../../../../src/backends/targets.js';
import type { Diagnostic } from '../../../../src/ir/diagnostics.js';
import type { Graph } from '../../../../src/ir/graph.js';
import { uniformSource } from '../../../../src/ir/random.js';
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
});
