import type { Diagnostic } from '../../../ir/diagnostics.js';
import type { QuantisationPoint } from '../roles.js';

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
  report({
    code: 'scale-raised',
    severity: 'warning',
    message:
      `the output scale is raised from ${wanted.toPrecision(4)} to ${least.toPrecision(4)}, because the largest weight ` +
      `needs a multiplier of ${(least / wanted).toPrecision(4)} and 8-bit weights allow at most 1; ` +
      `the layer's outputs use ${(255 * (wanted / least)).toFixed(0)} of 255 steps`,
    at: origin ? { nodeIndex: origin.index, node: origin.name, op: origin.op } : { value: point.value.name },
    hint: 'one channel has far larger weights or far smaller outputs than calibration data suggest; check the training of this layer',
  });
  return least;
}
