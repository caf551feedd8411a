import type { Range } from '../../passes/calibration/observers/observer.js';
import type { Bits } from '../quantisation.js';

/**
 * A range of 8-bit activations, `factor` times as wide at both ends: inputs that calibration did not show exceed what was
 * observed a little, and saturating them costs more than the lost fraction of a step. Narrower integers have no step to
 * spare.
 */
export function withHeadroom({ min, max }: Range, bits: Bits, factor: number): Range {
  return bits === 8 ? { min: min * factor, max: max * factor } : { min, max };
}
