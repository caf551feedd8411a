import type { Diagnostic } from '../../../ir/diagnostics.js';
import type { Quantisation } from '../../../ir/graph.js';
import { gridOf, isSigned } from '../recipes/range-scale.js';
import { leastScale } from '../recipes/least-scale.js';
import type { CalibrationPlan, Recipe } from '../recipes/recipe.js';
import { reportBound, reportRaise, reportSaturation } from './report-scales.js';
import type { QuantisationPoint, Roles, ScaleGroup } from '../split/roles.js';

/** A scale that is smaller than needed by less than this, relatively, is not raised: rounding of float64. */
const EQUAL = 1e-12;

/**
 * Scales of all points: the recipe's choice for each group of tensors that share one, raised where a multiplier would
 * leave the hardware's range (spec 1.2, "m > 1"). As groups feed each other, and through skip connections themselves, a
 * raise may ask for another; each is reported with what it costs. Where that never comes to an end, around a cycle of
 * layers whose weights are too large for any scale, a group of the cycle keeps the scale of the recipe and weights saturate.
 */
export function solveScales(
  { points, groups }: Pick<Roles, 'points' | 'groups'>,
  recipe: Recipe,
  plan: Pick<CalibrationPlan, 'rangeOf' | 'energyOf'>,
  report: (diagnostic: Diagnostic) => void,
): ReadonlyMap<QuantisationPoint, Quantisation> {
  const signed = signednessOf(points, plan);
  const scales = new Map<ScaleGroup, number>();
  const scaleOf = (group: ScaleGroup): number => scales.get(group) ?? 1;
  const inputScaleOf = ({ from }: QuantisationPoint): number | undefined => from && scales.get(from);
  const needs = needsOf(points, inputScaleOf);
  const raises = new Map<ScaleGroup, { readonly wanted: number; readonly point: QuantisationPoint }>();
  const frozen = new Set<ScaleGroup>();
  const raise = (group: ScaleGroup): boolean => {
    const [point, least] = neediest(group, needs);
    const wanted = scaleOf(group);
    if (frozen.has(group) || wanted >= least * (1 - EQUAL)) return false;
    scales.set(group, recipe.raise(least, group));
    raises.set(group, { wanted: raises.get(group)?.wanted ?? wanted, point });
    return true;
  };
  for (const group of groups) {
    scales.set(group, recipe.scale(group, { ...plan, signed, inputScaleOf }));
    raise(group);
  }
  const chosen = new Map(scales);
  for (let [endless] = raiseAll(groups, raise); endless !== undefined; [endless] = raiseAll(groups, raise)) {
    frozen.add(endless);
    for (const [group, scale] of chosen) scales.set(group, scale);
  }
  for (const [group, { wanted, point }] of raises) reportRaise(point, wanted, scaleOf(group), report);
  return new Map(
    points.map((point) => {
      const grid = gridOf(point, scaleOf(point.group), signed(point));
      if (needs(point) > scaleOf(point.group) * (1 + EQUAL)) reportSaturation(point, report);
      reportBound(point, grid, report);
      return [point, grid];
    }),
  );
}

/** Raises groups in turn until none needs it; the groups that would go on for ever, once each could have passed to all. */
function raiseAll(groups: readonly ScaleGroup[], raise: (group: ScaleGroup) => boolean): ScaleGroup[] {
  let raised = groups.filter(raise);
  for (let round = 0; round < groups.length && raised.length > 0; round++) raised = groups.filter(raise);
  return raised;
}

/** A group of tensors is signed as soon as one of them is. */
export function signednessOf(
  points: readonly QuantisationPoint[],
  { rangeOf }: Pick<CalibrationPlan, 'rangeOf'>,
): (point: QuantisationPoint) => boolean {
  const signed = new Set(points.filter((point) => isSigned(rangeOf(point), point.bounds)).map(({ signs }) => signs));
  return ({ signs }) => signed.has(signs);
}

/** The smallest scale that a point can have at the present scales; 0 while that of its input is open. */
function needsOf(
  points: readonly QuantisationPoint[],
  inputScaleOf: (point: QuantisationPoint) => number | undefined,
): (point: QuantisationPoint) => number {
  // What a layer or a pool needs is proportional to the scale of its input.
  const atUnitScale = new Map(points.map((point) => [point, leastScale(point, 1)]));
  return (point) => (atUnitScale.get(point) ?? 0) * (point.from === undefined ? 1 : (inputScaleOf(point) ?? 0));
}

function neediest(
  { points }: ScaleGroup,
  needs: (point: QuantisationPoint) => number,
): readonly [point: QuantisationPoint, least: number] {
  const [first, ...others] = points.map((point) => [point, needs(point)] as const);
  if (first === undefined) throw new RangeError('a group has at least one point');
  return others.reduce((a, b) => (b[1] > a[1] ? b : a), first);
}
