import { opName, type Value } from '../../../ir/graph.js';
import type { Realisation } from '../../report/measure.js';
import { topOf, type Grid } from '../grids/grid.js';
import type { QuantisedGraph } from '../quantise-graph.js';

/** How integers of a quantised graph, and the real numbers made of them, stand for tensors of the float model. */
export function realiseIn({ tensors }: Pick<QuantisedGraph, 'tensors'>): (value: Value) => Realisation | undefined {
  const grids = new Map(tensors.map(({ value, grid }) => [value, grid]));
  return (value) => {
    const grid = grids.get(value);
    if (grid !== undefined) return { ...endsOf(grid), scale: grid.scale, zero: grid.zeroPoint };
    const { producer } = value;
    const integers = producer !== undefined && opName(producer) === 'DequantizeLinear' ? producer.inputs[0] : undefined;
    const source = integers && grids.get(integers);
    return source && { ...endsOf(source), scale: 1, zero: 0 };
  };
}

const endsOf = (grid: Grid): Pick<Realisation, 'lowest' | 'highest'> => ({
  lowest: (-grid.zeroPoint - 0.5) * grid.scale,
  highest: (topOf(grid) - grid.zeroPoint + 0.5) * grid.scale,
});
