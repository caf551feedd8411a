import type { Diagnostic } from '../../../ir/diagnostics.js';
import type { CalibrationPlan } from '../recipes/recipe.js';
import type { QuantisationPoint } from '../split/roles.js';

/** A warning for every input that never changes: it says nothing about the ranges of the layers behind it. */
export const constantInputs = (
  points: readonly QuantisationPoint[],
  plan: Pick<CalibrationPlan, 'rangeOf'>,
): Diagnostic[] =>
  points.flatMap((point) => {
    const { min, max } = point.kind === 'input' || point.kind === 'affine' ? plan.rangeOf(point) : { min: 0, max: 1 };
    if (min !== max) return [];
    return {
      code: 'constant-input',
      severity: 'warning',
      message: `'${point.value.name}' is ${min} throughout the calibration data; the ranges taken from it are not representative`,
      at: { value: point.value.name },
      hint: 'give typical inputs with --calib',
    };
  });
