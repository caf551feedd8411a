import type { Quantisation, Value } from '../../../ir/graph.js';
import { integersOf } from '../../quantisation.js';
import type { Realisation } from '../../report/measure.js';

/**
 * Integers stand for themselves times their scale. Real numbers at an output bear the label of the float tensor; the
 * integers they are computed from do not.
 */
export function realise({ type, producer }: Value): Realisation | undefined {
  if (type.quantisation !== undefined) return realisationOf(type.quantisation, type.quantisation.scale);
  const dequantises = producer?.domain === 'q' && producer.op === 'Dequantize';
  const grid = dequantises ? producer.inputs[0]?.type.quantisation : undefined;
  return grid && realisationOf(grid, 1);
}

/** @param scale what one unit of the tensor stands for */
function realisationOf(grid: Quantisation, scale: number): Realisation {
  const { lo, hi } = integersOf(grid);
  return { scale, zero: 0, lowest: (lo - 0.5) * grid.scale, highest: (hi + 0.5) * grid.scale };
}
