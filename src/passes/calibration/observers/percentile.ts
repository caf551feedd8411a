import { Histogram } from './histogram.js';
import { NothingObservedError, type Observer, type Range } from './observer.js';

/**
 * Clips the same share of the values at either end: `percentile` per cent lie at or below `max`, and as many at or above
 * `min`. Exact to the width of a histogram bin (at most 1/4096 of what the data span); 100 gives the extremes themselves.
 * Where fewer values than that are negative, the range has no negative part and the tensor becomes unsigned.
 */
export class PercentileObserver implements Observer {
  readonly #histogram = new Histogram();
  readonly #share: number;

  constructor(percentile = 99.99) {
    if (!(percentile > 50 && percentile <= 100)) {
      throw new RangeError(`a percentile is above 50 and at most 100, not ${percentile}`);
    }
    this.#share = percentile / 100;
  }

  observe(data: Float32Array): void {
    this.#histogram.add(data);
  }

  range(): Range {
    const { extent, counts, total, zeros, width, origin } = this.#histogram;
    if (extent === undefined) throw new NothingObservedError();
    const rank = Math.ceil(this.#share * total);
    if (rank >= total) return extent;
    const high = (origin + positionOf(counts, rank, 1)) * width;
    const low = (origin + counts.length - positionOf(counts, rank, -1)) * width;
    // Within the bin of the zeros the low end is 0 itself, so that data without negative values keep their 0.
    const snapped = zeros > 0 && low >= 0 && low < width ? 0 : low;
    return { min: Math.max(snapped, extent.min), max: Math.min(high, extent.max) };
  }
}

/**
 * How many bins, counted from the first (`step` 1) or from the last (-1), it takes to hold `rank` values; a fraction of
 * the last of them as if its values were spread evenly.
 */
function positionOf(counts: Float64Array, rank: number, step: 1 | -1): number {
  const start = step === 1 ? 0 : counts.length - 1;
  let before = 0;
  for (let passed = 0; passed < counts.length; passed++) {
    const count = counts[start + step * passed] ?? 0;
    if (before + count >= rank) return passed + (rank - before) / count;
    before += count;
  }
  return counts.length;
}
