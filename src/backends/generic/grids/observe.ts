import { InternalError } from '../../../ir/diagnostics.js';
import { makeObserver, type ObserverKind } from '../../../passes/calibration/observers/index.js';
import type { Observer, Range } from '../../../passes/calibration/observers/observer.js';
import type { ObservationPlan } from '../../calibration/observation-plan.js';
import type { Bits } from '../../quantisation.js';
import type { GridGroup, Point, Split } from '../split/points.js';
import { gridOf, type Grid } from './grid.js';

/** What calibration watches, and what follows from it. */
export interface GridPlan extends ObservationPlan {
  /** The observed range of a point, within its bounds. */
  readonly rangeOf: (point: Point) => Range;
  readonly gridOf: (group: GridGroup) => Grid;
}

/** One observer for every point of a split; grids span the ranges of their points together. */
export function planGrids({ points, groupOf }: Split, kind: ObserverKind = 'mse'): GridPlan {
  const observed = new Map<Point, { readonly observer: Observer; readonly bits: Bits }>();
  for (const { points: members, bits } of new Set(groupOf.values())) {
    for (const point of members) observed.set(point, { bits, observer: makeObserver(kind, { bits, zeroPoint: true }) });
  }
  const rangeOf = (point: Point): Range => {
    const entry = observed.get(point);
    if (entry === undefined) throw new InternalError(`'${point.value.name}' was not observed`);
    const { min, max } = entry.observer.range();
    const { lo, hi } = point.bounds ?? { lo: -Infinity, hi: Infinity };
    return { min: Math.max(min, lo), max: Math.min(max, hi) };
  };
  const grids = new Map<GridGroup, Grid>();
  return {
    taps: points.flatMap((point) => {
      const observer = observed.get(point)?.observer;
      return observer === undefined ? [] : [{ value: point.value, observer }];
    }),
    rangeOf,
    gridOf: (group) => {
      const grid = grids.get(group) ?? gridOf(union(group.points.map(rangeOf)), group.bits);
      grids.set(group, grid);
      return grid;
    },
  };
}

const union = (ranges: readonly Range[]): Range => ({
  min: Math.min(...ranges.map(({ min }) => min)),
  max: Math.max(...ranges.map(({ max }) => max)),
});
