import type { Range } from '../../passes/calibration/observers/observer.js';
import type { Bits } from '../quantisation.js';

/**
 * Ranges of 8-bit activations are taken this much wider than observed: inputs that calibration did not show exceed it a
 * little, and saturating them costs more than the lost fraction of a step. Narrower integers have no step to spare.
 */
const HEADROOM = 1.15;

/** A range with room at both ends for what calibration did not show. */
export function withHeadroom({ min, max }: Range, bits: Bits): Range {
  const factor = bits === 8 ? HEADROOM : 1;
  return { min: min * factor, max: max * factor };
}
