import type { Quantisation } from '../../../ir/graph.js';
import { integersOf } from '../../quantisation.js';
import type { Bounds } from '../split/roles.js';

/**
 * What keeps the saturation of integers from standing for bounds (spec 1.2): they reach beyond one by more than half a
 * step, up to the rounding of their quotient. Undefined where saturation is within half a step of the bounds, or inside.
 */
export function saturationComplaint({ min, max }: Bounds, grid: Quantisation): string | undefined {
  const { lo, hi } = integersOf(grid);
  const half = (grid.scale / 2) * (1 + 1e-6);
  const lowest = lo * grid.scale;
  const highest = hi * grid.scale;
  if (min > lowest + half) return `integers reach down to ${lowest}, the bound is ${min}`;
  return max < highest - half ? `integers reach up to ${highest}, the bound is ${max}` : undefined;
}
