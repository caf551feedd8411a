import type { FullMetric } from './metric.js';

/** Integers of one channel and how far from the real weights they are. */
export interface DescentStart {
  /** Changed in place. */
  readonly levels: Float64Array;
  /** H · (scale · levels - weights), kept up to date. */
  readonly gradient: Float64Array;
  readonly scale: number;
  readonly limit: number;
  /** Most sweeps over single weights in a row, and over pairs of weights. */
  readonly sweeps: number;
  readonly pairSweeps: number;
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
  { levels, gradient, scale, limit, sweeps, pairSweeps }: DescentStart,
): void {
  const taps = levels.length;
  const scaled = diagonal.map((h) => h * scale);
  for (let pass = 0; ; pass++) {
    for (let sweep = 0; sweep < sweeps && moveSingly(); sweep++);
    if (pass >= pairSweeps || !movePairs()) return;
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
      const step = by * scale;
      let least = -LEAST_GAIN * h;
      let partner = -1;
      let partnerBy = 0;
      for (let j = 0, at = i * taps; j < taps; j++, at++) {
        // The gain is even in the partner's direction but for this slope, so the better direction goes down it.
        const slope = 2 * ((gradient[j] ?? 0) + step * (matrix[at] ?? 0));
        const change = alone + (scaled[j] ?? 0) - Math.abs(slope);
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
