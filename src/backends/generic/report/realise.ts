import { opName, type Value } from '../../../ir/graph.js';
import type { Realisation } from '../../report/measure.js';
import { topOf, type Grid } from '../grids/grid.js';
import type { QuantisedGraph } from '../quantise-graph.js';

/**
 * How integers of a quantised graph, or of what is lifted from it under the same labels, and the real numbers made of them
 * at outputs, stand for tensors of the float model.
 */
export function realiseIn({ tensors }: Pick<QuantisedGraph, 'tensors'>): (value: Value) => Realisation | undefined {
  const grids = new Map(tensors.map(({ value, grid }) => [value.name, grid]));
  return ({ name, producer }) => {
    const grid = grids.get(name);
    if (grid !== undefined) return { ...endsOf(grid), scale: grid.scale, zero: grid.zeroPoint };
    const integers = producer !== undefined && opName(producer) === 'DequantizeLinear' ? producer.inputs[0] : undefined;
    const source = integers && grids.get(integers.name);
    return source && { ...endsOf(source), scale: 1, zero: 0 };
  };
}

const endsOf = (grid: Grid): Pick<Realisation, 'lowest' | 'highest'> => ({
  lowest: (-grid.zeroPoint - 0.5) * grid.scale,
  highest: (topOf(grid) - grid.zeroPoint + 0.5) * grid.scale,
});
