import type { Quantisation } from '../../../ir/graph.js';
import type { Measurement } from '../../report/measure.js';
import type { Summary } from '../../summary.js';
import type { CalibrationPlan } from '../recipes/recipe.js';
import type { QuantisationPoint } from '../split/roles.js';

/** Ranges, scales and saturation of the tensors that became integers. */
export function summariseActivations(
  points: readonly QuantisationPoint[],
  plan: Pick<CalibrationPlan, 'rangeOf'>,
  scales: ReadonlyMap<QuantisationPoint, Quantisation>,
  { tensors }: Measurement,
): Summary['activations'] {
  return points.flatMap((point) => {
    const quantisation = scales.get(point);
    if (quantisation === undefined) return [];
    const { min, max } = plan.rangeOf(point);
    const saturatedFraction = tensors.get(point.value.name)?.saturatedFraction ?? null;
    return [{ name: point.value.name, min, max, ...quantisation, zeroPoint: 0, saturatedFraction }];
  });
}
