import { describe, expect, it } from 'vitest';
import { reasonsOf, wrapperLayer, wrapperPool } from './defects.js';
import { PreparedGraph } from './prepared-graph.js';

/** A network of modules in a row, each with an observer of the given scale behind it; ranges fill half of the grid. */
function row(...modules: readonly (readonly [kind: string, scale: number, zeroPoint?: number, fill?: number])[]) {
  const lines = ['placeholder|x|x||[]'];
  let last = 'x';
  for (const [i, [kind]] of modules.entries()) {
    lines.push(`call_module|m${i}|${i}|${kind}|['${last}']`, `call_module|o${i}|o${i}|FakeQuantize|['m${i}']`);
    last = `o${i}`;
  }
  const observers = modules.map(([, scale, zero = 0, fill = 0.7], i) => ({
    node: `o${i}`,
    scale,
    zero_point: zero,
    min_val: 0,
    max_val: scale * 255 * fill,
  }));
  return new PreparedGraph(lines, observers);
}

function layerOf(graph: PreparedGraph, kind: string) {
  const [node] = graph.ofKind(new RegExp(`^${kind}$`));
  if (node === undefined) throw new RangeError(kind);
  return wrapperLayer(graph, node);
}

describe('wrapperLayer', () => {
  it('finds no defect in layers that are fused with their ReLU', () => {
    const layer = layerOf(
      row(['BatchNorm2d', 0.5], ['ConvBnReLU2d', 0.25], ['Flatten', 8], ['Linear', 0.125]),
      'Linear',
    );
    expect(layer).toMatchObject({ inputScale: 0.25, outputScale: 0.125, inputDefects: [], outputDefects: [] });
  });

  it('takes the input scale behind BatchNorm and Flatten as 1', () => {
    const layer = layerOf(row(['BatchNorm2d', 0.5], ['Flatten', 0.5], ['Linear', 0.125]), 'Linear');
    expect(layer.inputScale).toBe(1);
    expect(layer.inputDefects).toHaveLength(1);
  });

  it.each([
    ['LinearBn1d', 'ReLU', '7 bits'],
    ['Conv2d', 'ReLU', 'signed'],
    ['ConvBn2d', 'ReLU6', 'ReLU6'],
    ['ConvBn2d', 'Hardtanh', 'Hardtanh'],
  ])('takes %s with %s apart', (kind, activation, words) => {
    const graph = row(['BatchNorm2d', 0.5], [kind, 0.25], [activation, 0.125], ['MaxPool2d', 0.125], ['Linear', 1]);
    expect(layerOf(graph, kind).outputDefects.join()).toContain(words);
    // The layer behind computes with the scale before the activation.
    expect(layerOf(graph, 'Linear')).toMatchObject({
      inputScale: 0.25,
      inputDefects: layerOf(graph, kind).outputDefects,
    });
  });

  it('leaves sums of unequal scales in float, and takes the scale of the first operand behind them', () => {
    const sum = (scales: readonly [number, number, number]) =>
      new PreparedGraph(
        [
          'placeholder|x|x||[]',
          "call_module|a|a|ConvReLU2d|['x']",
          "call_module|oa|oa|FakeQuantize|['a']",
          "call_module|b|b|ConvBnReLU2d|['x']",
          "call_module|ob|ob|FakeQuantize|['b']",
          "call_function|add|<built-in function add>||['oa', 'ob']",
          "call_module|os|os|FakeQuantize|['add']",
          "call_module|l|l|Linear|['os']",
          "call_module|ol|ol|FakeQuantize|['l']",
        ],
        ['oa', 'ob', 'os', 'ol'].map((node, i) => ({
          node,
          scale: [...scales, 1][i] ?? 1,
          zero_point: 0,
          min_val: 0,
          max_val: 100,
        })),
      );
    expect(layerOf(sum([0.5, 0.25, 0.125]), 'Linear').inputScale).toBe(0.5);
    for (const kind of ['ConvReLU2d', 'ConvBnReLU2d']) {
      expect(layerOf(sum([0.5, 0.25, 0.125]), kind).outputDefects).toHaveLength(1);
      expect(layerOf(sum([0.5, 0.5, 0.5]), kind).outputDefects).toEqual([]);
    }
  });

  it('accepts the neighbouring power of two only where a range ends at one', () => {
    const edge = (fill: number, ...between: string[]) =>
      layerOf(row(['Conv2d', 1], ...between.map((kind) => [kind, 1] as const), ['Linear', 0.5, 0, fill]), 'Linear')
        .outputEdge;
    expect(edge(0.7)).toBeUndefined();
    expect(edge(1 - 1e-7)).toContain('last bits');
    expect(edge(0.98)).toBeUndefined();
    expect(edge(0.98, 'Dropout')).toContain('Dropout');
    expect(edge(0.9, 'Dropout')).toBeUndefined();
    expect(reasonsOf(1, 0.5, [], 'edge')).toEqual(['edge']);
    expect(reasonsOf(2, 0.5, [], 'edge')).toEqual([]);
    expect(reasonsOf(0.5, 0.5, ['defect'], 'edge')).toEqual([]);
  });
});

describe('wrapperPool', () => {
  const poolOf = (kind: string, area: number, zeroPoint = 0) => {
    const graph = row(['ConvReLU2d', 0.5, zeroPoint], [kind, 0.5]);
    const [node] = graph.ofKind(new RegExp(`^${kind}$`));
    return node && wrapperPool(graph, node, area);
  };

  it.each([
    ['AdaptiveAvgPool2d', 16, 0, [8, 1, 4], 0],
    ['AdaptiveAvgPool2d', 20, 0, [8, 1, 4], 1],
    ['AvgPool2d', 6, 0, [5, 1, 2], 2],
    ['AdaptiveAvgPool2d', 32, 127, [143, 1, 5], 1],
  ] as const)('%s of area %i, zero point %i', (kind, area, zeroPoint, constants, defects) => {
    expect(poolOf(kind, area, zeroPoint)?.constants).toEqual(constants);
    expect(poolOf(kind, area, zeroPoint)?.defects).toHaveLength(defects);
  });
});
