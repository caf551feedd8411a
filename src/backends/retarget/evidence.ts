import { NonFiniteError, type Observer, type Range } from '../../passes/calibration/observers/observer.js';

/** What samples show of a tensor that was trained within a range. */
export class Evidence implements Observer {
  readonly #range: Range;
  #energy = 0;
  #overshoot = 0;
  #count = 0;

  constructor(range: Range) {
    this.#range = range;
  }

  observe(data: Float32Array): void {
    const { min, max } = this.#range;
    const broken = data.findIndex((x) => !Number.isFinite(x));
    if (broken >= 0) throw new NonFiniteError(broken, data[broken] ?? NaN);
    for (const x of data) {
      const inside = x < min ? min : x > max ? max : x;
      this.#energy += inside * inside;
      this.#overshoot += (x - inside) ** 2;
    }
    this.#count += data.length;
  }

  /** The trained range, whatever the samples are. */
  range(): Range {
    return this.#range;
  }

  /** Whether there were samples. */
  get exists(): boolean {
    return this.#count > 0;
  }

  /** Mean square of the elements, those outside the range at its ends. */
  get energy(): number {
    return this.#energy / Math.max(1, this.#count);
  }

  /** Mean square of what the range cuts off. */
  get overshoot(): number {
    return this.#overshoot / Math.max(1, this.#count);
  }
}
