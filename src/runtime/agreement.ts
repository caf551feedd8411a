/** Running comparison of a signal with its approximation. */
export class Agreement {
  #signal = 0;
  #noise = 0;
  #largest = 0;
  #count = 0;

  /** Takes in pairs: a reference and what stands for it, less `zero` and times `scale`. */
  add(reference: ArrayLike<number>, approximation: ArrayLike<number>, scale = 1, zero = 0): void {
    let signal = 0;
    let noise = 0;
    for (let i = 0; i < reference.length; i++) {
      const value = reference[i]!;
      const difference = value - (approximation[i]! - zero) * scale;
      signal += value * value;
      noise += difference * difference;
      if (Math.abs(difference) > this.#largest) this.#largest = Math.abs(difference);
    }
    this.#signal += signal;
    this.#noise += noise;
    this.#count += reference.length;
  }

  get count(): number {
    return this.#count;
  }

  /** 10·log10(Σ reference² / Σ difference²); Infinity without any difference. */
  get sqnrDb(): number {
    return this.#noise === 0 ? Infinity : 10 * Math.log10(this.#signal / this.#noise);
  }

  get maxAbsDiff(): number {
    return this.#largest;
  }
}

/** Position of the largest of `length` elements from `start`; the first one among equals. */
export function argmax(data: ArrayLike<number>, start: number, length: number): number {
  let best = 0;
  for (let i = 1; i < length; i++) if (data[start + i]! > data[start + best]!) best = i;
  return best;
}
