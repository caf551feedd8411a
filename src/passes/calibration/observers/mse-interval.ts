import { Histogram } from './histogram.js';
import { errorOfGrid } from './mse.js';
import { NothingObservedError, type Observer, type Range } from './observer.js';

/** Parts of the extent tried for both ends together and for each alone, and for each about the best one of those. */
const COARSE_STEPS = 64;
const FINE_STEPS = 8;
const ROUNDS = 2;

/**
 * The clipping range with the least mean squared error of rounding to integers 0 … 2^bits - 1 with a zero point: first both
 * ends shrink together, then each by itself, at last in smaller steps. An end at 0 stays there, and 0 stays within.
 */
export class MseIntervalObserver implements Observer {
  readonly #histogram = new Histogram();
  readonly #top: number;

  constructor(bits: number) {
    this.#top = 2 ** bits - 1;
  }

  observe(data: Float32Array): void {
    this.#histogram.add(data);
  }

  range(): Range {
    const { extent } = this.#histogram;
    if (extent === undefined) throw new NothingObservedError();
    const lowest = Math.min(0, extent.min);
    const highest = Math.max(0, extent.max);
    if (lowest === highest) return extent;
    const error = errorOfGrid(this.#histogram);
    let best = { low: 1, high: 1, error: Infinity };
    const consider = (low: number, high: number): void => {
      if (low <= 0 || high <= 0 || low > 1 || high > 1) return;
      const scale = (high * highest - low * lowest) / this.#top;
      const zeroPoint = Math.round((-low * lowest) / scale);
      const candidate = error({ scale, lo: -zeroPoint, hi: this.#top - zeroPoint }, best.error);
      if (candidate < best.error) best = { low, high, error: candidate };
    };
    let step = 1 / COARSE_STEPS;
    for (let i = COARSE_STEPS; i > 0; i--) consider(i * step, i * step);
    for (let i = COARSE_STEPS; i > 0; i--) consider(i * step, best.high);
    for (let i = COARSE_STEPS; i > 0; i--) consider(best.low, i * step);
    for (let round = 0; round < ROUNDS; round++) {
      for (const end of ['low', 'high'] as const) {
        const { low, high } = best;
        for (let i = FINE_STEPS; i >= -FINE_STEPS; i--) {
          if (i !== 0) consider(low + (end === 'low' ? i * step : 0), high + (end === 'high' ? i * step : 0));
        }
      }
      step /= FINE_STEPS;
    }
    return { min: Math.max(extent.min, best.low * lowest), max: Math.min(extent.max, best.high * highest) };
  }
}
