import { Agreement, argmax } from '../../runtime/agreement.js';
import { rankOf, TOP } from './metrics.js';

/** How the results of two models agree at one output. */
export interface OutputAgreement {
  readonly elements: number;
  /** 10·log10(Σ float² / Σ difference²); Infinity without any difference. */
  readonly sqnrDb: number;
  /** Of all elements as one vector; NaN where one of both is 0 throughout. */
  readonly cosine: number;
  readonly maxAbsDiff: number;
  /** Share of samples whose largest result is the same; null for less than 2 results a sample. */
  readonly top1Agreement: number | null;
  /** Share of samples whose largest float result is among the five largest; null for less than 6 results a sample. */
  readonly top5Agreement: number | null;
}

/** Compares an output of the quantised model with that of the float model, batch by batch. */
export class OutputMeasure {
  readonly #agreement = new Agreement();
  #product = 0;
  #signal = 0;
  #energy = 0;
  #samples = 0;
  #classes = 0;
  #first = 0;
  #among = 0;

  add(real: ArrayLike<number>, result: ArrayLike<number>, samples: number): void {
    this.#agreement.add(real, result);
    for (let i = 0; i < real.length; i++) {
      const [a, b] = [real[i] ?? NaN, result[i] ?? NaN];
      this.#product += a * b;
      this.#signal += a * a;
      this.#energy += b * b;
    }
    const classes = real.length / samples;
    this.#classes = classes;
    this.#samples += samples;
    if (classes < 2 || !Number.isInteger(classes)) return;
    for (let at = 0; at < real.length; at += classes) {
      const top = argmax(real, at, classes);
      const rank = rankOf(result, at, classes, top);
      if (rank === 0) this.#first++;
      if (rank < TOP) this.#among++;
    }
  }

  get agreement(): OutputAgreement {
    const share = (count: number, most: number): number | null =>
      this.#samples === 0 || this.#classes <= most || !Number.isInteger(this.#classes) ? null : count / this.#samples;
    return {
      elements: this.#agreement.count,
      sqnrDb: this.#agreement.sqnrDb,
      cosine: this.#product / Math.sqrt(this.#signal * this.#energy),
      maxAbsDiff: this.#agreement.maxAbsDiff,
      top1Agreement: share(this.#first, 1),
      top5Agreement: share(this.#among, TOP),
    };
  }
}
