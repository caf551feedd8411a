import { describe, expect, it } from 'vitest';
import { lowestOpset } from '../../../src/backends/generic/lowest-opset.js';
import { gridOf, type Grid } from '../../../src/backends/generic/grids/grid.js';
import { quantiseGraph } from '../../../src/backends/generic/quantise-graph.js';
import { splitGraph, type GridGroup, type SplitOptions } from '../../../src/backends/generic/split/points.js';
import { OPERATORS } from '../../../src/ir/ops/index.js';
import { parseGraph } from '../../../src/ir/text/parse.js';
import { verifyGraph } from '../../../src/ir/verify.js';

function quantised(lines: string, range = { min: 0, max: 4 }, options: SplitOptions = {}) {
  const float = parseGraph(
    `graph "g"
    input %x: float32[N,2,4,4]
    const %w: float32[2,2,1,1] = [1, 0.5, -0.25, 1]
    const %zero: float32[] = [0]
    const %six: float32[] = [6]
    ${lines}`,
    OPERATORS,
  );
  const split = splitGraph(float, options);
  const grids = new Map<GridGroup, Grid>();
  const result = quantiseGraph(float, split, {
    gridOf: (group) => {
      const grid = grids.get(group) ?? gridOf(range, group.bits);
      grids.set(group, grid);
      return grid;
    },
    output: options.output ?? 'float',
  });
  expect(verifyGraph(result.graph, OPERATORS)).toEqual([]);
  return result;
}

const CLIPPED = `%a = Conv(%x, %w)
  %r = Clip(%a, %zero, %six)
  output "y" = %r`;

describe('quantiseGraph', () => {
  it('puts a layer between quantised tensors, without the Clip that saturation stands for', () => {
    const { graph, layers } = quantised(CLIPPED);
    expect(graph.nodes.map(({ op }) => op)).toEqual([
      ...['QuantizeLinear', 'DequantizeLinear'],
      ...['DequantizeLinear', 'DequantizeLinear', 'Conv'],
      ...['QuantizeLinear', 'DequantizeLinear'],
    ]);
    expect(layers).toHaveLength(1);
    expect(layers[0]?.weights.type.dtype).toBe('int8');
    expect(layers[0]?.bias?.type.dtype).toBe('int32');
    expect(graph.outputs[0]?.value.type.dtype).toBe('float32');
    expect(lowestOpset(graph, 'g')).toBe(13);
  });

  it('keeps a Clip whose bounds are within the grid', () => {
    const { graph } = quantised(CLIPPED, { min: 0, max: 10 });
    expect(graph.nodes.map(({ op }) => op)).toContain('Clip');
  });

  it('gives movers the grid of what they move', () => {
    const { tensors } = quantised(`%a = Conv(%x, %w)
      %p = MaxPool(%a) {kernel_shape = [2, 2]}
      %b = Conv(%p, %w)
      output "y" = %b`);
    const [, a, p] = tensors;
    const parameters = (tensor: typeof a) => tensor?.value.producer?.inputs.slice(1);
    expect(p?.source.name).toBe('p');
    expect(parameters(p)).toEqual(parameters(a));
  });

  it('delivers integers when asked', () => {
    const { graph } = quantised(CLIPPED, undefined, { output: 'int' });
    expect(graph.outputs[0]?.value.type.dtype).toBe('uint8');
  });

  it('stores narrow weights as int4, and clips narrow activations to their integers', () => {
    const { graph, layers } = quantised(CLIPPED, undefined, { weightBits: 2, activationBits: 2 });
    expect(layers[0]?.weights.type.dtype).toBe('int4');
    expect([...(layers[0]?.weights.constant.data ?? [])].every((w) => Math.abs(Number(w)) <= 1)).toBe(true);
    expect(graph.nodes.filter(({ op }) => op === 'Clip')).toHaveLength(2);
    expect(lowestOpset(graph, 'g')).toBe(21);
  });

  it('quantises constants of arithmetic, and leaves what an island reads as it is', () => {
    const { graph } = quantised(`const %c: float32[2,4,4] = random 3
      %t = Sin(%x)
      %s = Softmax(%t)
      %a = Conv(%x, %w)
      %d = Add(%a, %c)
      %b = Conv(%d, %w)
      output "y" = %b
      output "s" = %s`);
    const sin = graph.nodes.find(({ op }) => op === 'Sin');
    expect(sin?.inputs[0]).toBe(graph.inputs[0]);
    const add = graph.nodes.find(({ op }) => op === 'Add');
    expect(add?.inputs.map((input) => input?.producer?.op)).toEqual(['DequantizeLinear', 'DequantizeLinear']);
  });
});

describe('lowestOpset', () => {
  it('is that of the newest operator', () => {
    const graph = parseGraph(
      `graph "g"
      input %x: float32[N,4]
      %y = Gelu(%x)
      output "y" = %y`,
      OPERATORS,
    );
    expect(lowestOpset(graph, 'g')).toBe(20);
  });
});
