import type { Observer, Range } from '../../../passes/calibration/observers/observer.js';

/** An observer that also keeps the mean square of all elements, in float64, and its range once that is worked out. */
export class EnergyObserver implements Observer {
  readonly #inner: Observer;
  #sum = 0;
  #count = 0;
  #range: Range | undefined;

  constructor(inner: Observer) {
    this.#inner = inner;
  }

  observe(data: Float32Array): void {
    this.#inner.observe(data);
    this.#range = undefined;
    let sum = 0;
    for (const x of data) sum += x * x;
    this.#sum += sum;
    this.#count += data.length;
  }

  range(): Range {
    this.#range ??= this.#inner.range();
    return this.#range;
  }

  /** E[x²]; 0 before the first element. */
  energy(): number {
    return this.#count === 0 ? 0 : this.#sum / this.#count;
  }
}
