import type { Diagnostic } from '../../../ir/diagnostics.js';
import type { QuantisationPoint } from '../roles.js';
import { largestScale } from './range-scale.js';

/**
 * The output scale of a layer, raised to `least` where a channel's multiplier would exceed 1 (spec 1.2, "m > 1"); the
 * change is reported with its cost in resolution.
 */
export function repairScale(
  point: QuantisationPoint,
  wanted: number,
  least: number,
  report: (diagnostic: Diagnostic) => void,
): number {
  if (wanted >= least) return wanted;
  const [origin] = point.node?.origins ?? [];
  const at = origin ? { nodeIndex: origin.index, node: origin.name, op: origin.op } : { value: point.value.name };
  if (least > largestScale(point.bounds) * (1 + 1e-9)) {
    report({
      code: 'bounds-unreachable',
      severity: 'error',
      message:
        `the largest weight needs an output scale of ${least.toPrecision(4)}, at which 8-bit integers no longer saturate ` +
        `at the upper bound ${point.bounds?.max ?? Infinity} of the activation`,
      at,
      hint: 'replace the bounded activation by Relu, or train the layer to smaller weights',
    });
    return least;
  }
  report({
    code: 'scale-raised',
    severity: 'warning',
    message:
      `the output scale is raised from ${wanted.toPrecision(4)} to ${least.toPrecision(4)}, because the largest weight ` +
      `needs a multiplier of ${(least / wanted).toPrecision(4)} and 8-bit weights allow at most 1; ` +
      `the layer's outputs use ${(255 * (wanted / least)).toFixed(0)} of 255 steps`,
    at,
    hint: 'one channel has far larger weights or far smaller outputs than calibration data suggest; check the training of this layer',
  });
  return least;
}
