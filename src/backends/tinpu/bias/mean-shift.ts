/** The accumulators that one entry of a q.Bnorm's bias serves, and the real numbers that their results stand for. */
export interface BiasEntry {
  readonly accumulators: Int32Array;
  /** As many, in the same order. */
  readonly reals: Float32Array;
  readonly bias: number;
  /** BNORM scale / 2^shift. */
  readonly factor: number;
  readonly lo: number;
  readonly hi: number;
  /** What one unit of the result stands for. */
  readonly resultScale: number;
}

/**
 * The change of the bias, in accumulator units within least … most, at which the mean of the requantised, clipped results
 * comes closest to that of the real numbers; 0 when no change brings it closer. Clipping makes the mean a nonlinear
 * function of the bias, but it never falls as the bias grows (spec 1.2), so the change is bracketed and bisected.
 * @param least 0 or below
 * @param most 0 or above
 */
export function meanShift(entry: BiasEntry, least: number, most: number): number {
  const target = entry.reals.reduce((sum, real) => sum + real, 0) / entry.resultScale;
  const start = sumAt(entry, 0);
  const sign = start < target ? 1 : -1;
  const limit = sign > 0 ? most : -least;
  if (start === target || limit === 0 || !Number.isFinite(target)) return 0;
  // Where the limits keep the mean from the target, what they allow is the goal.
  const atLimit = sumAt(entry, sign * limit);
  const goal = sign * (atLimit - target) >= 0 ? target : atLimit;
  const reaches = (size: number): boolean => sign * (sumAt(entry, sign * size) - goal) >= 0;

  const estimate = Math.abs(target - start) / (entry.reals.length * entry.factor);
  let below = 0;
  let reached = Math.min(limit, Math.max(1, Math.round(estimate)));
  while (reached < limit && !reaches(reached)) {
    below = reached;
    reached = Math.min(limit, reached * 2);
  }
  while (reached - below > 1) {
    const middle = Math.floor((below + reached) / 2);
    if (reaches(middle)) reached = middle;
    else below = middle;
  }
  const missBy = (size: number): number => Math.abs(sumAt(entry, sign * size) - target);
  const nearest = missBy(reached) < missBy(below) ? reached : below;
  return missBy(nearest) < Math.abs(start - target) ? sign * nearest : 0;
}

/** Σ (real - resultScale · result)² with the bias changed by `shift`. */
export function squaredError(entry: BiasEntry, shift: number): number {
  const { accumulators, reals, resultScale } = entry;
  let sum = 0;
  for (let i = 0; i < reals.length; i++) {
    const difference = (reals[i] ?? 0) - resultScale * requantised(entry, (accumulators[i] ?? 0) + shift);
    sum += difference * difference;
  }
  return sum;
}

/** Σ results with the bias changed by `shift`. */
function sumAt(entry: BiasEntry, shift: number): number {
  let sum = 0;
  for (const accumulator of entry.accumulators) sum += requantised(entry, accumulator + shift);
  return sum;
}

function requantised({ bias, factor, lo, hi }: BiasEntry, accumulator: number): number {
  const value = Math.floor((accumulator + bias) * factor);
  return value < lo ? lo : value > hi ? hi : value;
}
