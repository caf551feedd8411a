import { extentOf } from './extent.js';
import { NothingObservedError, type Observer, type Range } from './observer.js';

/** The smallest and the largest value ever seen. */
export class MinMaxObserver implements Observer {
  #seen: Range | undefined;

  observe(data: Float32Array): void {
    const batch = extentOf(data);
    if (batch === undefined) return;
    this.#seen =
      this.#seen === undefined
        ? batch
        : { min: Math.min(this.#seen.min, batch.min), max: Math.max(this.#seen.max, batch.max) };
  }

  range(): Range {
    if (this.#seen === undefined) throw new NothingObservedError();
    return this.#seen;
  }
}
