import { describe, expect, it } from 'vitest';
import { LayerComparer } from '../../../src/backends/compare/layer-comparer.js';
import type { Pairing } from '../../../src/backends/compare/pair-tensors.js';
import type { ResolvedGrid } from '../../../src/backends/compare/resolve-scales.js';
import { TINPU_OPERATORS } from '../../../src/backends/tinpu/dialect.js';
import { InternalError } from '../../../src/ir/diagnostics.js';
import { valuesOf, type Graph, type Value } from '../../../src/ir/graph.js';
import { Tensor } from '../../../src/ir/tensor.js';
import { parseGraph } from '../../../src/ir/text/parse.js';
import { PooledArena } from '../../../src/runtime/pooled-arena.js';

/** Two layers, float and in integers: what the integers are is told by hand. */
const networkOf = (dtype: string): Graph =>
  parseGraph(
    `graph "g"
input %x: ${dtype}[N,2]
%a: ${dtype}[N,2] = Neg(%x) "/first"
%y: ${dtype}[N,2] = Neg(%a) "/second"
output "y" = %y
`,
    TINPU_OPERATORS,
  );
const FLOAT = networkOf('float32');
const INTEGER = networkOf('int8');
function valueOf(graph: Graph, name: string): Value {
  const value = [...valuesOf(graph)].find((other) => other.name === name);
  if (value === undefined) throw new InternalError(`no ${name}`);
  return value;
}

const GRID: ResolvedGrid = { scale: 0.5, zeroPoint: 10, lo: -128, hi: 127, fitted: false };
const grids = new Map(['a', 'y'].map((name) => [valueOf(INTEGER, name), GRID]));
const pairing: Pairing = {
  graph: FLOAT,
  pairs: ['a', 'y'].map((name) => ({
    value: valueOf(INTEGER, name),
    real: valueOf(FLOAT, name),
    labels: [name],
    grid: GRID,
    weights: undefined,
  })),
};

const ARENA = new PooledArena();

type Pair = readonly [number, number];

/** Shows a comparer one sample: the input, and the integers of both layers. */
function show(comparer: LayerComparer, x: Pair, a: Pair, y: Pair): void {
  const minus = x.map((value) => -value);
  const reused = Tensor.float32([1, 2], minus);
  comparer.observeFloat(valueOf(FLOAT, 'a'), reused, ARENA);
  reused.data.set(x);
  comparer.observeFloat(valueOf(FLOAT, 'y'), reused, ARENA);
  reused.data.fill(NaN);
  for (const [name, integers] of Object.entries({ a, y })) {
    comparer.observeQuantised(valueOf(INTEGER, name), new Tensor('int8', [1, 2], Int8Array.from(integers)), ARENA);
  }
  comparer.finish(new Map([['x', Tensor.float32([1, 2], x)]]));
}
const decibels = (ratio: number): unknown => expect.closeTo(10 * Math.log10(ratio), 9) as unknown;

describe('LayerComparer', () => {
  it('tells what a layer inherits from what it adds, the most damaging layer first', () => {
    const comparer = new LayerComparer(pairing, grids);
    // a = (-1.75, -2) as (-2, -2), which is rounding alone; y = (1.75, 2) inherits (2, 2) and gives (2, 2.5).
    show(comparer, [1.75, 2], [6, 6], [14, 15]);
    const signal = 1.75 ** 2 + 4;
    expect(comparer.results(undefined)).toMatchObject([
      {
        name: '/second',
        tensor: 'y',
        sqnrDb: decibels(signal / (0.25 ** 2 + 0.25)),
        inheritedSqnrDb: decibels(signal / 0.25 ** 2),
        damage: 0.25 / signal,
        maxAbsDiff: 0.5,
        cause: 'weights',
        parts: { weights: 1, rounding: 0, saturation: 0 },
      },
      {
        name: '/first',
        tensor: 'a',
        sqnrDb: decibels(signal / 0.25 ** 2),
        inheritedSqnrDb: Infinity,
        damage: 0.25 ** 2 / signal,
        cause: 'rounding',
        parts: { weights: 0, rounding: 1, saturation: 0 },
        activationBits: 8,
        weightBits: undefined,
      },
    ]);
  });

  it('sums up over batches', () => {
    const comparer = new LayerComparer(pairing, grids);
    show(comparer, [1, 2], [8, 6], [12, 14]);
    show(comparer, [1, 2], [8, 6], [12, 16]);
    const [second, first] = comparer.results(undefined);
    // Signal 2 · (1 + 4), noise 1.
    expect(second).toMatchObject({ name: '/second', damage: 0.1 });
    expect(first).toMatchObject({ name: '/first', damage: 0, sqnrDb: Infinity, parts: undefined, advice: undefined });
  });

  it('tells the share of elements beyond the range', () => {
    const comparer = new LayerComparer(pairing, grids);
    // The largest integer, 127, stands for 58.5.
    show(comparer, [-100, 58.5], [127, -107], [-128, 127]);
    const first = comparer.results(undefined).find(({ name }) => name === '/first');
    expect(first).toMatchObject({ saturatedFraction: 0.5, cause: 'saturation' });
  });

  it('leaves out layers that were not seen, and wants the grid of each', () => {
    const comparer = new LayerComparer(pairing, grids);
    comparer.finish(new Map());
    expect(comparer.results(undefined)).toEqual([]);
    expect(() => new LayerComparer(pairing, new Map())).toThrow(InternalError);
  });
});
