import { sizeOf } from '../../../ir/shape.js';
import { weightLimit } from '../../quantisation.js';
import { MAX_AFFINE_SCALE, MAX_SCALE } from '../arithmetic/requantisation.js';
import { inputAffineOf, LEAST_INPUT_SCALE } from '../arithmetic/input-constants.js';
import { weightPeaks } from '../arithmetic/layer-constants.js';
import type { QuantisationPoint } from '../split/roles.js';
import { weightsOf } from '../../weights/weights-of.js';

/**
 * The smallest scale a point can have so that the multipliers of what computes it fit the hardware (spec 1.2 to 1.4): at
 * most 1 beside 8-bit weights, 255 beside narrower ones and in pools, 12 bits in the input sequence.
 * @param inputScale scale of the integers it is computed from, for a layer or a pool
 */
export function leastScale(point: QuantisationPoint, inputScale = 0): number {
  const { kind, node, weightBits } = point;
  switch (kind) {
    case 'affine':
      return node === undefined ? 0 : Math.max(0, ...inputAffineOf(node).factor.map(Math.abs)) / MAX_AFFINE_SCALE;
    case 'layer': {
      if (node === undefined) return 0;
      const peak = Math.max(0, ...weightPeaks(weightsOf(node)));
      return ((peak / weightLimit(weightBits)) * inputScale) / (weightBits === 8 ? 1 : MAX_SCALE);
    }
    case 'pool':
      return inputScale / (MAX_SCALE * areaOf(point));
    case 'add':
      return 0;
    default:
      return LEAST_INPUT_SCALE;
  }
}

/** Elements that a pool averages. */
export function areaOf({ node }: QuantisationPoint): number {
  const sides =
    node?.op === 'AveragePool' ? node.attrs.ints('kernel_shape') : (node?.inputs[0]?.type.shape.slice(2) ?? []);
  return Math.max(1, sizeOf(sides.filter((side) => typeof side === 'number')));
}
