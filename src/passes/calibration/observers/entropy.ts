import { clip } from './clip.js';
import { Histogram } from './histogram.js';
import { naturalLog } from './natural-log.js';
import { NothingObservedError, type Observer, type Range } from './observer.js';

/** Histogram bins per quantisation level over the whole range, as in TensorRT (2048 bins for 128 levels). */
const BINS_PER_LEVEL = 16;

/**
 * The symmetric clipping range whose quantised distribution is closest to the real one in the sense of Kullback and
 * Leibler: TensorRT's entropy calibration. Magnitudes are counted in up to 16 bins a level, with 2^bits levels without
 * negative values and 2^(bits - 1) otherwise. Zeros take no part: every scale represents them exactly, and after a ReLU
 * they would outweigh everything else.
 */
export class EntropyObserver implements Observer {
  readonly #histogram = new Histogram();
  readonly #bits: number;

  constructor(bits: number) {
    this.#bits = bits;
  }

  observe(data: Float32Array): void {
    this.#histogram.add(data);
  }

  range(): Range {
    const { extent } = this.#histogram;
    if (extent === undefined) throw new NothingObservedError();
    const levels = 2 ** (extent.min < 0 ? this.#bits - 1 : this.#bits);
    const full = Math.max(-extent.min, extent.max);
    const { counts, width } = magnitudes(this.#histogram, full, levels * BINS_PER_LEVEL);
    const kept = leastDivergence(counts, levels);
    return kept === counts.length ? extent : clip(extent, kept * width);
  }
}

/** Counts of |x| without zeros in at most `most` bins of equal width from 0 on. */
function magnitudes(histogram: Histogram, full: number, most: number): { counts: Float64Array; width: number } {
  const { origin } = histogram;
  let width = histogram.width;
  while (Math.floor(full / width) >= most) width *= 2;
  const merged = width / histogram.width;
  const counts = new Float64Array(Math.floor(full / width) + 1);
  for (const [i, count] of histogram.nonZeroCounts().entries()) {
    if (count === 0) continue;
    const bin = origin + i;
    // A negative bin (-2: -2w ≤ x < -w) holds the magnitudes of the bin that mirrors it (1).
    const mirrored = Math.min(Math.floor((bin < 0 ? -1 - bin : bin) / merged), counts.length - 1);
    counts[mirrored] = (counts[mirrored] ?? 0) + count;
  }
  return { counts, width };
}

/**
 * How many leading bins to keep, at least `levels`, so that the divergence of the kept distribution P from its quantised
 * form Q is least; on a tie the most. P is the counts with all that is cut off added to the last bin kept; Q spreads what
 * lies in the bins of a level evenly over those of them that P does not leave empty. Where Q is 0 and P is not, the
 * divergence is infinite.
 */
export function leastDivergence(counts: Float64Array, levels: number): number {
  const bins = counts.length;
  const mass = prefixSums(bins, (i) => counts[i] ?? 0);
  const occupied = prefixSums(bins, (i) => ((counts[i] ?? 0) > 0 ? 1 : 0));
  const selfInformation = prefixSums(bins, (i) => timesLog(counts[i] ?? 0));
  const total = mass[bins] ?? 0;
  let best = bins;
  let least = Infinity;
  for (let kept = bins; kept >= levels; kept--) {
    const inside = mass[kept] ?? 0;
    if (inside === 0) break;
    const outside = total - inside;
    const last = counts[kept - 1] ?? 0;
    // total·KL(P‖Q) up to terms that are the same for every `kept`: Σ p·ln p - Σ p·ln q.
    let divergence =
      (selfInformation[kept] ?? 0) - timesLog(last) + timesLog(last + outside) + total * naturalLog(inside);
    for (let level = 0, start = 0; level < levels; level++) {
      const end = Math.floor(((level + 1) * kept) / levels);
      const quantised = (mass[end] ?? 0) - (mass[start] ?? 0);
      const real = end === kept ? quantised + outside : quantised;
      const filled = (occupied[end] ?? 0) - (occupied[start] ?? 0);
      const spread = filled + (end === kept && last === 0 && outside > 0 ? 1 : 0);
      if (real > 0) divergence -= quantised > 0 ? real * naturalLog(quantised / spread) : -Infinity;
      start = end;
    }
    if (divergence < least) {
      least = divergence;
      best = kept;
    }
  }
  return best;
}

const timesLog = (count: number): number => (count > 0 ? count * naturalLog(count) : 0);

function prefixSums(length: number, term: (index: number) => number): Float64Array {
  const sums = new Float64Array(length + 1);
  for (let i = 0; i < length; i++) sums[i + 1] = (sums[i] ?? 0) + term(i);
  return sums;
}
