import { clip } from './clip.js';
import { Histogram } from './histogram.js';
import { NothingObservedError, type Observer, type Range } from './observer.js';

/** Thresholds tried in the first round, and on each side of the best one in the refining rounds. */
const COARSE_STEPS = 128;
const FINE_STEPS = 8;
const ROUNDS = 2;

/**
 * The clipping range with the least mean squared error of rounding to `bits` bits under the scales of spec 1.1 and 1.7:
 * 0 … 2^bits - 1 in steps of max/(2^bits - 1) without negative values, otherwise the signed integers in steps of
 * max|x|/(2^(bits - 1) - 1/2).
 */
export class MseObserver implements Observer {
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
    const { min, max } = extent;
    const full = Math.max(-min, max);
    if (full === 0) return extent;
    const error = errorOfThreshold(this.#histogram, this.#bits, min < 0);
    let best = { threshold: full, error: error(full, Infinity) };
    const consider = (threshold: number): void => {
      const candidate = error(threshold, best.error);
      if (candidate < best.error) best = { threshold, error: candidate };
    };
    let step = full / COARSE_STEPS;
    for (let i = COARSE_STEPS - 1; i > 0; i--) consider(i * step);
    for (let round = 0; round < ROUNDS; round++) {
      const centre = best.threshold;
      step /= FINE_STEPS;
      for (let i = FINE_STEPS; i >= -FINE_STEPS; i--) {
        const threshold = centre + i * step;
        if (threshold > 0 && threshold < full) consider(threshold);
      }
    }
    return clip(extent, best.threshold);
  }
}

/** The error of the grid that a threshold gives, as a function of it. */
function errorOfThreshold(
  histogram: Histogram,
  bits: number,
  signed: boolean,
): (threshold: number, bound: number) => number {
  const hi = signed ? 2 ** (bits - 1) - 1 : 2 ** bits - 1;
  const lo = signed ? -hi - 1 : 0;
  const steps = signed ? hi + 0.5 : hi;
  const error = errorOfGrid(histogram);
  return (threshold, bound) => error({ scale: threshold / steps, lo, hi }, bound);
}

/** Integers lo … hi that stand for `scale` times themselves. */
export interface IntegerGrid {
  readonly scale: number;
  readonly lo: number;
  readonly hi: number;
}

/**
 * The sum of squared errors that a grid causes, as a function of it, given up once it exceeds `bound`. Values count as
 * spread evenly over their bin, except zeros, which have no error; so the answer stays right when a quantisation step is
 * narrower than a bin.
 */
export function errorOfGrid(histogram: Histogram): (grid: IntegerGrid, bound: number) => number {
  const { width, origin } = histogram;
  const counts = histogram.nonZeroCounts();
  const used = counts.reduce((last, count, i) => (count > 0 ? i : last), -1);
  return ({ scale, lo, hi }, bound) => {
    let sum = 0;
    let before = errorIntegral(origin * width, scale, lo, hi);
    for (let i = 0; i <= used && sum <= bound * width; i++) {
      const after = errorIntegral((origin + i + 1) * width, scale, lo, hi);
      sum += (counts[i] ?? 0) * (after - before);
      before = after;
    }
    return sum / width;
  };
}

/** ∫ (t - scale·clamp(round(t/scale), lo, hi))² dt from 0 to x: a twelfth of scale³ for every whole step passed. */
function errorIntegral(x: number, scale: number, lo: number, hi: number): number {
  const level = Math.min(Math.max(Math.floor(x / scale + 0.5), lo), hi);
  const rest = x - level * scale;
  return (level * scale * scale * scale) / 12 + (rest * rest * rest) / 3;
}
