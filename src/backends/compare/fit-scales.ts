import type { Value } from '../../ir/graph.js';

/** Rounds of leaving out elements beyond the range; each narrows it. */
const ROUNDS = 12;
/** The share of the range that counts as within: at its ends rounding and saturation cannot be told apart. */
const WITHIN = 0.95;

interface Samples {
  readonly real: number[];
  readonly integers: number[];
}

/** Most elements of a tensor that are kept. */
const MOST = 65_536;

/**
 * Finds scales that a model does not tell. The integers q are x / scale and an error that has nothing to do with x, so that
 * Σ x² / Σ x·q is the scale, over elements that the integers' range does not cut off.
 */
export class ScaleFitter {
  readonly #samples = new Map<Value, Samples>();

  add(key: Value, real: ArrayLike<number>, integers: ArrayLike<number>): void {
    const kept = this.#samples.get(key) ?? { real: [], integers: [] };
    this.#samples.set(key, kept);
    const step = Math.max(1, Math.ceil(real.length / 4096));
    for (let i = 0; i < real.length && kept.real.length < MOST; i += step) {
      kept.real.push(real[i] ?? 0);
      kept.integers.push(integers[i] ?? 0);
    }
  }

  /** 1 for a tensor that says nothing: it is 0 throughout, or its integers run against it. */
  scaleOf(key: Value, { lo, hi }: { readonly lo: number; readonly hi: number }): number {
    const { real, integers } = this.#samples.get(key) ?? { real: [], integers: [] };
    let scale = ratio(real, integers, -Infinity, Infinity);
    for (let round = 0; round < ROUNDS && scale !== undefined; round++) {
      const next = ratio(real, integers, lo * scale * WITHIN, hi * scale * WITHIN);
      if (next === undefined || Math.abs(next - scale) <= scale * 1e-9) break;
      scale = next;
    }
    return scale ?? 1;
  }
}

function ratio(real: readonly number[], integers: readonly number[], least: number, most: number): number | undefined {
  let energy = 0;
  let product = 0;
  for (const [i, x] of real.entries()) {
    if (x < least || x > most) continue;
    energy += x * x;
    product += x * (integers[i] ?? 0);
  }
  return product > 0 ? energy / product : undefined;
}
