import { extentOf } from './extent.js';
import type { Range } from './observer.js';

/** Bins of every histogram; between half and all of them span the data, unless they are a single value. */
export const BIN_COUNT = 8192;

/** The least exponent of a bin's width: the spacing of the smallest float32 numbers. */
const LEAST_EXPONENT = -149;
/** Bins are at most this many octaves narrower than the largest value, which keeps every bin number exact. */
const MOST_OCTAVES = 40;

const FLOAT = new Float32Array(1);
const WORD = new Uint32Array(FLOAT.buffer);

/**
 * Counts of values on a grid of bins whose width is a power of two and whose edges are the multiples of the width. Bin `i`
 * holds `(origin + i)·width` ≤ x < `(origin + i + 1)·width`. The width is the smallest that spans all data with
 * `BIN_COUNT` bins; data outside double it, which merges bins in pairs. So the counts depend on the data alone, neither on
 * their order nor on how they were split into batches. Memory does not grow with the data.
 */
export class Histogram {
  #counts: Float64Array = new Float64Array(BIN_COUNT);
  #extent: Range | undefined;
  #exponent = LEAST_EXPONENT;
  #origin = 0;
  #total = 0;
  #zeros = 0;

  /** Exact smallest and largest value; undefined before the first. */
  get extent(): Range | undefined {
    return this.#extent;
  }

  get counts(): Float64Array {
    return this.#counts;
  }

  get width(): number {
    return 2 ** this.#exponent;
  }

  /** Number of the first bin on the grid. */
  get origin(): number {
    return this.#origin;
  }

  get total(): number {
    return this.#total;
  }

  /** How many of the values are exactly 0, which every quantisation represents without error. */
  get zeros(): number {
    return this.#zeros;
  }

  /** @throws NonFiniteError before anything has changed. */
  add(data: Float32Array): void {
    const batch = extentOf(data);
    if (batch === undefined) return;
    this.#cover(batch);
    this.#zeros += countInto(this.#counts, data, 2 ** -this.#exponent, this.#origin);
    this.#total += data.length;
  }

  /** Counts with the exact zeros taken out. */
  nonZeroCounts(): Float64Array {
    const counts = this.#counts.slice();
    const zeroBin = -this.#origin;
    if (this.#zeros > 0) counts[zeroBin] = (counts[zeroBin] ?? 0) - this.#zeros;
    return counts;
  }

  #cover(batch: Range): void {
    const old = this.#extent;
    const min = old === undefined ? batch.min : Math.min(old.min, batch.min);
    const max = old === undefined ? batch.max : Math.max(old.max, batch.max);
    if (min === old?.min && max === old.max) return;
    let exponent = Math.max(this.#exponent, exponentOf(Math.max(-min, max)) - MOST_OCTAVES);
    while (binOf(max, exponent) - binOf(min, exponent) >= BIN_COUNT) exponent++;
    const origin = binOf(min, exponent);
    if (old !== undefined) this.#regrid(exponent, origin);
    this.#exponent = exponent;
    this.#origin = origin;
    this.#extent = { min, max };
  }

  #regrid(exponent: number, origin: number): void {
    if (exponent === this.#exponent && origin === this.#origin) return;
    const merged = 2 ** (exponent - this.#exponent);
    const counts = new Float64Array(BIN_COUNT);
    for (const [i, count] of this.#counts.entries()) {
      if (count === 0) continue;
      const bin = Math.floor((this.#origin + i) / merged) - origin;
      counts[bin] = (counts[bin] ?? 0) + count;
    }
    this.#counts = counts;
  }
}

const binOf = (value: number, exponent: number): number => Math.floor(value * 2 ** -exponent);

/** floor(log2(magnitude)) of a float32 number, or -127 below its normal range. */
function exponentOf(magnitude: number): number {
  FLOAT[0] = magnitude;
  return ((WORD[0] ?? 0) >>> 23) - 127;
}

/** Adds each value to its bin and returns the number of zeros. Scaling by a power of two and the floor are exact. */
function countInto(counts: Float64Array, data: Float32Array, perWidth: number, origin: number): number {
  const length = data.length;
  let zeros = 0;
  for (let i = 0; i < length; i++) {
    const value = data[i] ?? 0;
    const bin = (Math.floor(value * perWidth) - origin) | 0;
    counts[bin] = (counts[bin] ?? 0) + 1;
    if (value === 0) zeros++;
  }
  return zeros;
}
