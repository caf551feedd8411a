import { describe, expect, it } from 'vitest';
import type { Node, Value } from '../../../src/ir/graph.js';
import { OPERATORS } from '../../../src/ir/ops/index.js';
import { parseGraph } from '../../../src/ir/text/parse.js';
import { Widths, type LayerBits, type WidthOptions } from '../../../src/backends/split/widths.js';

const graph = parseGraph(
  `graph "g"
   input %x: float32[N,2]
   const %w: float32[2,2] = random 1
   %y = Gemm(%x, %w) "plain" @[0 "norm" "BatchNormalization", 1 "fc" "Gemm"]
   %z = Gemm(%y, %w) "" @[2 "" "MatMul"]
   output "z" = %z`,
  OPERATORS,
);
const [first, second] = graph.nodes as [Node, Node];
const valueOf = (node: Node): Value => node.outputs[0]!;
const widths = (layers: Readonly<Record<string, LayerBits>>, rest: WidthOptions = {}): Widths =>
  new Widths({ ...rest, layerBits: new Map(Object.entries(layers)) });

describe('Widths', () => {
  it('are 8 bits by default, and what is asked for all otherwise', () => {
    expect(new Widths().of(first, valueOf(first))).toEqual({ weights: 8, activations: 8 });
    expect(new Widths({ weightBits: 2, activationBits: 4 }).of(first, valueOf(first))).toEqual({
      weights: 2,
      activations: 4,
    });
  });

  it.each(['fc', 'norm', 'y'])('are those of a layer by the name %s', (name) => {
    const found = widths({ [name]: { weights: 4 } });
    expect(found.of(first, valueOf(first))).toEqual({ weights: 4, activations: 8 });
    expect(found.of(second, valueOf(second))).toEqual({ weights: 8, activations: 8 });
    expect(found.unknown).toEqual([]);
  });

  it('take the tensor for the name of a layer that has none', () => {
    expect(widths({ z: { weights: 2 } }).of(second, valueOf(second)).weights).toBe(2);
  });

  it('leave to the general setting what a layer leaves open', () => {
    const found = widths({ fc: { activations: 2 } }, { weightBits: 4, activationBits: 4 });
    expect(found.of(first, valueOf(first))).toEqual({ weights: 4, activations: 2 });
  });

  it('are those of an input by its name', () => {
    const [x] = graph.inputs as [Value];
    expect(widths({ x: { activations: 4 } }).of(undefined, x).activations).toBe(4);
  });

  it('remember the names that were never met', () => {
    const four: LayerBits = { weights: 4 };
    const found = new Widths({ layerBits: new Map(['fc', 'gone', 'constructor'].map((name) => [name, four])) });
    expect(found.unknown).toEqual(['fc', 'gone', 'constructor']);
    found.of(first, valueOf(first));
    expect(found.unknown).toEqual(['gone', 'constructor']);
  });
});
