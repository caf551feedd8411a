import type { Value } from '../../ir/graph.js';
import type { Range } from '../../passes/calibration/observers/observer.js';
import { integersOf } from '../quantisation.js';
import { dataInputs } from '../split/data-inputs.js';
import { integerForm } from '../tinpu/split/integer-form.js';
import type { QuantisationPoint } from '../tinpu/split/roles.js';
import { Evidence } from './evidence.js';
import { gridRange, type TrainedGrid } from './trained-grid.js';

/** How a tensor of the canonical graph was quantised by the model. */
export interface TrainedTensor {
  /** The grid of the tensor itself; of what bounds or movers make of it where it has none of its own. */
  readonly grid: TrainedGrid;
  /** What it reaches, within the bounds of a Clip. */
  readonly range: Range;
  /** What samples show of it, where there are any. */
  readonly evidence: Evidence;
}

/**
 * How a point was quantised: as its own tensor was, or as the tensor in front of its Clip, or as what movers make of it.
 * Undefined where the model quantised none of them.
 */
export function trainedTensor(
  { value, node, bounds }: QuantisationPoint,
  grids: ReadonlyMap<string, TrainedGrid>,
): TrainedTensor | undefined {
  const unbounded = node?.outputs[0];
  const grid = grids.get(value.name) ?? widestBehind(value, grids) ?? (unbounded && grids.get(unbounded.name));
  if (grid === undefined) return undefined;
  const { min, max } = gridRange(grid);
  const within = (x: number): number => Math.min(bounds?.max ?? Infinity, Math.max(bounds?.min ?? -Infinity, x));
  const range = { min: within(min), max: within(max) };
  return { grid, range, evidence: new Evidence(range) };
}

/** The grid that reaches furthest among those of the tensors to which movers bring the value. */
function widestBehind(value: Value, grids: ReadonlyMap<string, TrainedGrid>): TrainedGrid | undefined {
  const pending = [value];
  const seen = new Set(pending);
  let widest: TrainedGrid | undefined;
  for (const next of pending) {
    for (const { node } of next.uses) {
      const [result] = node.outputs;
      if (result === undefined || seen.has(result) || !dataInputs(node).includes(next)) continue;
      if (integerForm(node).kind !== 'mover') continue;
      seen.add(result);
      const grid = grids.get(result.name);
      if (grid === undefined) pending.push(result);
      else if (widest === undefined || reach(grid) > reach(widest)) widest = grid;
    }
  }
  return widest;
}

function reach(grid: TrainedGrid): number {
  const { min, max } = gridRange(grid);
  return Math.max(-min, max);
}

/** Whether the integers of a point stand for the same real numbers as those of a trained grid, but for their scale. */
export function sharesLattice(
  { scale, zeroPoint, lo, hi }: TrainedGrid,
  { bits }: Pick<QuantisationPoint, 'bits'>,
  signed: boolean,
): boolean {
  const own = integersOf({ bits, signed });
  return scale > 0 && lo - zeroPoint === own.lo && hi - zeroPoint === own.hi;
}
