import { extentOf } from './extent.js';
import { NothingObservedError, type Observer, type Range } from './observer.js';

/**
 * Exponential moving average of the extremes of each batch (spec 1.7 step 2): the first batch sets them, every further
 * one moves them by `constant` of the distance. Batch size and order matter. Every operation is rounded to float32,
 * so the range equals that of PyTorch's MovingAverageMinMaxObserver bit for bit.
 */
export class MovingAverageObserver implements Observer {
  readonly #constant: number;
  #average: Range | undefined;

  constructor(constant = 0.01) {
    if (!(constant > 0 && constant <= 1)) throw new RangeError(`the averaging constant is in (0, 1], not ${constant}`);
    this.#constant = Math.fround(constant);
  }

  observe(data: Float32Array): void {
    const batch = extentOf(data);
    if (batch === undefined) return;
    this.#average =
      this.#average === undefined
        ? batch
        : { min: this.#towards(this.#average.min, batch.min), max: this.#towards(this.#average.max, batch.max) };
  }

  range(): Range {
    if (this.#average === undefined) throw new NothingObservedError();
    return this.#average;
  }

  #towards(average: number, value: number): number {
    const step = Math.fround(this.#constant * Math.fround(value - average));
    return Math.fround(average + step);
  }
}
