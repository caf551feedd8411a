import type { FullMetric } from './metric.js';

/** Integers of one channel and what they are rounded from. */
export interface DescentStart {
  readonly weights: Float64Array;
  /** Changed in place. */
  readonly levels: Float64Array;
  readonly scale: number;
  readonly limit: number;
  /** Sweeps over single weights and over pairs of weights. */
  readonly passes: number;
}

/** Moves that gain less than this part of a diagonal element are rounding errors. */
const LEAST_GAIN = 1e-9;

/**
 * Coordinate descent on the form (scale · levels - weights)ᵀ H (scale · levels - weights): each weight in turn goes to its
 * best level, and once no single weight gains, down its slope by one
 * level together with the other weight that gains most.
 */
export function descend(
  { matrix }: FullMetric,
  diagonal: Float64Array,
  { weights, levels, scale, limit, passes }: DescentStart,
): void {
  const taps = levels.length;
  const gradient = gradientOf(matrix, weights, levels, scale);
  for (let pass = 0; pass < passes; pass++) {
    let moved = false;
    for (let sweep = 0; sweep < passes && moveSingly(); sweep++) moved = true;
    if (movePairs()) moved = true;
    if (!moved) return;
  }

  function move(i: number, by: number): void {
    levels[i] = (levels[i] ?? 0) + by;
    const factor = scale * by;
    for (let j = 0, at = i * taps; j < taps; j++, at++) gradient[j] = (gradient[j] ?? 0) + factor * (matrix[at] ?? 0);
  }

  function moveSingly(): boolean {
    let moved = false;
    for (let i = 0; i < taps; i++) {
      const h = (matrix[i * taps + i] ?? 0) * scale;
      const level = levels[i] ?? 0;
      const wanted = Math.max(-limit, Math.min(limit, Math.round(level - (gradient[i] ?? 0) / h)));
      const by = wanted - level;
      if (by === 0 || 2 * by * (gradient[i] ?? 0) + by * by * h > -LEAST_GAIN * h) continue;
      move(i, by);
      moved = true;
    }
    return moved;
  }

  function movePairs(): boolean {
    let moved = false;
    for (let i = 0; i < taps; i++) {
      const by = (gradient[i] ?? 0) > 0 ? -1 : 1;
      if (Math.abs((levels[i] ?? 0) + by) > limit) continue;
      const h = (matrix[i * taps + i] ?? 0) * scale;
      const alone = 2 * by * (gradient[i] ?? 0) + h;
      let least = -LEAST_GAIN * h;
      let partner = -1;
      let partnerBy = 0;
      for (let j = 0, at = i * taps; j < taps; j++, at++) {
        // The gain is even in the partner's direction but for this slope, so the better direction goes down it.
        const slope = 2 * ((gradient[j] ?? 0) + by * scale * (matrix[at] ?? 0));
        const change = alone + (diagonal[j] ?? 0) * scale - Math.abs(slope);
        if (change < least && j !== i) {
          const other = slope > 0 ? -1 : 1;
          if (Math.abs((levels[j] ?? 0) + other) > limit) continue;
          least = change;
          partner = j;
          partnerBy = other;
        }
      }
      if (partner < 0) continue;
      move(i, by);
      move(partner, partnerBy);
      moved = true;
    }
    return moved;
  }
}

/** Half the gradient by the real weights: H · (scale · levels - weights). */
function gradientOf(matrix: Float64Array, weights: Float64Array, levels: Float64Array, scale: number): Float64Array {
  const taps = levels.length;
  const gradient = new Float64Array(taps);
  for (let j = 0; j < taps; j++) {
    const e = scale * (levels[j] ?? 0) - (weights[j] ?? 0);
    if (e === 0) continue;
    for (let i = 0, at = j * taps; i < taps; i++, at++) gradient[i] = (gradient[i] ?? 0) + e * (matrix[at] ?? 0);
  }
  return gradient;
}
