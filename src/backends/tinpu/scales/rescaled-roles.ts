import type { Diagnostic } from '../../../ir/diagnostics.js';
import type { Graph } from '../../../ir/graph.js';
import type { CompileOptions } from '../../options.js';
import type { CalibrationPlan, Recipe } from '../recipes/recipe.js';
import { assignRoles, type QuantisationPoint, type Roles } from '../split/roles.js';
import { rescaleJoins } from './rescale-joins.js';
import { signednessOf } from './solve-scales.js';

/** Roles and ranges with the operands of additions rescaled that the recipe wants rescaled. */
export function rescaledRoles(
  float: Graph,
  roles: Roles,
  plan: CalibrationPlan,
  recipe: Recipe,
  options: CompileOptions,
  report: (diagnostic: Diagnostic) => void,
): { readonly roles: Roles; readonly plan: Pick<CalibrationPlan, 'rangeOf' | 'energyOf'> } {
  const context = { ...plan, signed: signednessOf(roles.points, plan), inputScaleOf: () => undefined };
  const alone = (point: QuantisationPoint): number => recipe.scale({ points: [point] }, context);
  const assign = (): Roles => assignRoles(float, options);
  const copies = rescaleJoins(float, roles, { scaleOf: alone, rescales: recipe.rescales, assign, report });
  if (copies.size === 0) return { roles, plan };
  const before = new Map(roles.points.map((point) => [point.value, point]));
  const original = (point: QuantisationPoint): QuantisationPoint =>
    before.get(copies.get(point.value) ?? point.value) ?? point;
  const { energyOf } = plan;
  return {
    roles: assign(),
    plan: {
      rangeOf: (point) => plan.rangeOf(original(point)),
      ...(energyOf !== undefined && { energyOf: (point) => energyOf(original(point)) }),
    },
  };
}
