import { describe, expect, it } from 'vitest';
import { fakeQuantised } from '../../../src/backends/retarget/fake-quantised.js';
import type { TrainedGrid } from '../../../src/backends/retarget/trained-grid.js';
import { OPERATORS } from '../../../src/ir/ops/index.js';
import { Tensor } from '../../../src/ir/tensor.js';
import { parseGraph } from '../../../src/ir/text/parse.js';
import { verifyGraph } from '../../../src/ir/verify.js';
import { FLOAT_KERNELS } from '../../../src/runtime/float/index.js';
import { runGraph } from '../../support/random-runs.js';

const float = () =>
  parseGraph(
    `graph "g"
    input %x: float32[4]
    %a = Neg(%x)
    %b = Abs(%a)
    output "a" = %a
    output "b" = %b`,
    OPERATORS,
  );

/** What comes out for x = -1.3, 0.3, 0.8, 9. */
function run(grids: Readonly<Record<string, TrainedGrid>>): Record<string, number[]> {
  const { graph } = fakeQuantised(float(), new Map(Object.entries(grids)));
  expect(verifyGraph(graph, OPERATORS)).toEqual([]);
  const results = runGraph(graph, FLOAT_KERNELS, new Map([['x', Tensor.float32([4], [-1.3, 0.3, 0.8, 9])]]));
  return Object.fromEntries([...results].map(([name, tensor]) => [name, tensor.toNumbers().map((v) => v || 0)]));
}

const HALVES = { scale: 0.5, zeroPoint: 0, lo: -8, hi: 7 };

describe('fakeQuantised', () => {
  it('rounds a tensor to its grid for all that read it and for the output', () => {
    // 1.3, -0.3, -0.8 and -9 in halves; -9 saturates at -8 halves.
    expect(run({ a: HALVES })).toEqual({ a: [1.5, -0.5, -1, -4], b: [1.5, 0.5, 1, 4] });
  });

  it('rounds an input, whose label stays with what is fed', () => {
    expect(run({ x: HALVES })).toEqual({ a: [1.5, -0.5, -1, -3.5], b: [1.5, 0.5, 1, 3.5] });
  });

  it.each([
    // Two bits around a zero point of 1: -0.5, 0, 0.5, 1.
    ['uint2', { scale: 0.5, zeroPoint: 1, lo: 0, hi: 3 }, [1, -0.5, -0.5, -0.5]],
    ['int2', { scale: 0.5, zeroPoint: 0, lo: -2, hi: 1 }, [0.5, -0.5, -1, -1]],
    ['uint8', { scale: 0.5, zeroPoint: 128, lo: 0, hi: 255 }, [1.5, -0.5, -1, -9]],
    ['int16', { scale: 0.25, zeroPoint: 0, lo: -32768, hi: 32767 }, [1.25, -0.25, -0.75, -9]],
  ] as const)('has the integers of %s', (_, grid, expected) => {
    expect(run({ a: grid })['a']).toEqual(expected);
  });

  it.each([
    ['between integers', { ...HALVES, zeroPoint: 0.5 }],
    ['of no width', { ...HALVES, hi: 6 }],
  ])('leaves a tensor with a grid %s', (_, grid) => {
    expect(run({ a: grid })).toEqual(run({}));
  });

  it('knows the tensor that stands for one of the float graph, behind its rounding where that was rounded', () => {
    const graph = float();
    const { graph: rounded, tensorOf } = fakeQuantised(graph, new Map([['x', HALVES]]));
    const [x] = graph.inputs;
    const [a] = graph.nodes[0]?.outputs ?? [];
    expect(x && tensorOf(x)?.producer?.op).toBe('DequantizeLinear');
    expect(a && tensorOf(a)).toBe(rounded.nodes.find(({ op }) => op === 'Neg')?.outputs[0]);
    expect(rounded.inputs.includes(x as never)).toBe(false);
    expect(tensorOf(rounded.inputs[0] as never)).toBeUndefined();
  });

  it('gives the rounded tensor the label, and leaves the graph that it copies', () => {
    const graph = float();
    const { graph: rounded } = fakeQuantised(graph, new Map([['a', HALVES]]));
    expect(rounded.outputs[0]?.value).toMatchObject({ name: 'a', producer: { op: 'DequantizeLinear' } });
    expect(graph.nodes.map(({ op }) => op)).toEqual(['Neg', 'Abs']);
  });
});
