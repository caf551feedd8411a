import { sizeOf } from '../../../ir/shape.js';
import { MAX_AFFINE_SCALE, MAX_SCALE } from '../arithmetic.js';
import { inputAffineOf, LEAST_INPUT_SCALE } from '../input-constants.js';
import { leastOutputScale, weightPeaks } from '../layer-constants.js';
import type { QuantisationPoint } from '../roles.js';
import { weightsOf } from '../weights-of.js';

/**
 * The smallest scale a point can have so that the multipliers of what computes it fit the hardware (spec 1.2 to 1.4).
 * @param inputScale scale of the integers it is computed from, for a layer or a pool
 */
export function leastScale(point: QuantisationPoint, inputScale = 0): number {
  const { kind, node } = point;
  if (kind === 'affine' && node !== undefined) {
    return Math.max(0, ...inputAffineOf(node).factor.map(Math.abs)) / MAX_AFFINE_SCALE;
  }
  if (kind === 'layer' && node !== undefined) return leastOutputScale(weightPeaks(weightsOf(node)), inputScale);
  if (kind === 'pool') return inputScale / (MAX_SCALE * areaOf(point));
  return LEAST_INPUT_SCALE;
}

/** Elements that a pool averages. */
export function areaOf({ node }: QuantisationPoint): number {
  const sides =
    node?.op === 'AveragePool' ? node.attrs.ints('kernel_shape') : (node?.inputs[0]?.type.shape.slice(2) ?? []);
  return Math.max(1, sizeOf(sides.filter((side) => typeof side === 'number')));
}
