import { uniformSource } from '../../ir/random.js';
import type { NodeFacts } from '../../ir/ops/window.js';
import type { Tensor } from '../../ir/tensor.js';
import { planPatches, type PatchPlan } from './patches.js';

/** Second moments of the patches x that a linear layer sees, in float64; patches as `PatchPlan` orders them. */
export interface GramMatrix {
  readonly groups: number;
  readonly taps: number;
  /** Patches seen; every moment is 0 when there are none. */
  readonly patches: number;
  /** E[x], [groups, taps]. */
  readonly mean: Float64Array;
  /** E[x²], [groups, taps]. */
  readonly diagonal: Float64Array;
  /** E[x xᵀ], [groups, taps, taps]; undefined where only the diagonal was gathered. */
  readonly products: Float64Array | undefined;
  /** What the float model sees where the layer sees x, when the observer was given both. */
  readonly reference: CrossMoments | undefined;
}

/** Moments of the patches r of the float model beside the patches x of the same positions. */
export interface CrossMoments {
  /** E[r], [groups, taps]. */
  readonly mean: Float64Array;
  /** E[x rᵀ], [groups, taps, taps]. */
  readonly products: Float64Array;
}

export interface GramOptions {
  /** Samples that will come, as far as known; patches are spread evenly over them. 256. */
  readonly samples?: number | undefined;
  /** Multiplications that all updates together may take, in so far as MIN_PATCHES allows. 2e8. */
  readonly budget?: number | undefined;
}

/** Layers of more taps than this keep the diagonal alone. */
export const MAX_GRAM_TAPS = 2048;

const MOST_PATCHES = 100_000;
/** Patches that are taken whatever they cost, and how many a tap should have before cost matters. */
const MIN_PATCHES = 256;
const PATCHES_PER_TAP = 16;
const FEW_PATCHES = 4096;

/** Columns of one update. */
const BLOCK = 32;

const SEED = 0x6772616d;

/**
 * Accumulates the moments of what a Conv, ConvTranspose, Gemm or MatMul sees, batch by batch. Of each sample an even share
 * of the output positions is taken, starting at a seeded random one, so the result does not depend on how samples are
 * batched but for the rounding of float64 sums, and the cost is bounded.
 */
export class GramObserver {
  readonly #node: NodeFacts;
  readonly #weightDims: readonly number[];
  readonly #samples: number;
  readonly #budget: number;
  readonly #uniform = uniformSource(SEED);
  #sums: Sums | undefined;
  #plan: PatchPlan | undefined;
  #dims = '';
  #owed = 0;

  constructor(node: NodeFacts, weightDims: readonly number[], { samples = 256, budget = 2e8 }: GramOptions = {}) {
    this.#node = node;
    this.#weightDims = weightDims;
    this.#samples = Math.max(1, samples);
    this.#budget = budget;
  }

  /**
   * Takes in the layer's data input, and what stands at its place in the float model where that differs. All calls give a
   * reference or none does.
   */
  observe(x: Tensor<'float32'>, reference?: Tensor<'float32'>): void {
    const plan = this.#planFor(x.dims);
    this.#sums ??= new Sums(plan.groups, plan.taps, reference !== undefined);
    const share = this.#patchesWanted(plan, reference !== undefined) / this.#samples;
    for (let sample = 0; sample < plan.samples; sample++) {
      const start = (this.#uniform() + 1) / 2;
      if (this.#sums.patches >= MOST_PATCHES) return;
      this.#owed += Math.min(share, plan.positions);
      const count = Math.min(plan.positions, Math.floor(this.#owed));
      this.#owed -= count;
      for (let i = 0; i < count; i++) {
        const position = Math.floor(((i + start) * plan.positions) / count) % plan.positions;
        this.#sums.add(plan, x.data, reference?.data, sample, position);
      }
    }
  }

  /** The moments of what has been seen so far; undefined before the first patch. */
  result(): GramMatrix | undefined {
    return this.#sums === undefined || this.#sums.patches === 0 ? undefined : this.#sums.result();
  }

  #planFor(dims: readonly number[]): PatchPlan {
    const key = dims.join();
    if (this.#plan === undefined || key !== this.#dims) this.#plan = planPatches(this.#node, dims, this.#weightDims);
    this.#dims = key;
    return this.#plan;
  }

  #patchesWanted({ groups, taps }: PatchPlan, crossed: boolean): number {
    const full = taps <= MAX_GRAM_TAPS;
    const cost = groups * taps * (full ? taps * (crossed ? 1.5 : 0.5) : 2);
    const enough = Math.max(FEW_PATCHES, PATCHES_PER_TAP * taps, this.#budget / 8 / cost);
    return Math.min(MOST_PATCHES, Math.max(MIN_PATCHES, Math.min(enough, this.#budget / cost)));
  }
}

/** Running sums; patches are gathered in blocks. */
class Sums {
  readonly #groups: number;
  readonly #taps: number;
  readonly #block: Float64Array;
  readonly #other: Float64Array | undefined;
  readonly #mean: Float64Array;
  readonly #otherMean: Float64Array;
  readonly #diagonal: Float64Array;
  readonly #products: Float64Array | undefined;
  readonly #cross: Float64Array | undefined;
  #filled = 0;
  patches = 0;

  constructor(groups: number, taps: number, crossed: boolean) {
    const full = taps <= MAX_GRAM_TAPS;
    this.#groups = groups;
    this.#taps = taps;
    this.#block = new Float64Array(groups * taps * BLOCK);
    this.#other = crossed && full ? new Float64Array(groups * taps * BLOCK) : undefined;
    this.#mean = new Float64Array(groups * taps);
    this.#otherMean = new Float64Array(groups * taps);
    this.#diagonal = new Float64Array(groups * taps);
    this.#products = full ? new Float64Array(groups * taps * taps) : undefined;
    this.#cross = this.#other && new Float64Array(groups * taps * taps);
  }

  add(plan: PatchPlan, x: Float32Array, reference: Float32Array | undefined, sample: number, position: number): void {
    plan.copy(x, sample, position, this.#block, this.#filled, BLOCK);
    if (this.#other !== undefined && reference !== undefined) {
      plan.copy(reference, sample, position, this.#other, this.#filled, BLOCK);
    }
    this.patches++;
    if (++this.#filled === BLOCK) this.#flush();
  }

  result(): GramMatrix {
    this.#flush();
    const perPatch = (sums: Float64Array): Float64Array => sums.map((sum) => sum / this.patches);
    if (this.#products !== undefined) mirror(this.#products, this.#groups, this.#taps);
    return {
      groups: this.#groups,
      taps: this.#taps,
      patches: this.patches,
      mean: perPatch(this.#mean),
      diagonal: perPatch(this.#diagonal),
      products: this.#products && perPatch(this.#products),
      reference: this.#cross && { mean: perPatch(this.#otherMean), products: perPatch(this.#cross) },
    };
  }

  #flush(): void {
    if (this.#filled === 0) return;
    const taps = this.#taps;
    for (let group = 0; group < this.#groups; group++) {
      const start = group * taps;
      for (let i = start; i < start + taps; i++) {
        this.#mean[i] = (this.#mean[i] ?? 0) + sumOf(this.#block, i);
        this.#diagonal[i] = (this.#diagonal[i] ?? 0) + dot(this.#block, i, this.#block, i);
        if (this.#products !== undefined) addRow(this.#products, i, this.#block, this.#block, start, i + 1);
        if (this.#cross !== undefined && this.#other !== undefined) {
          this.#otherMean[i] = (this.#otherMean[i] ?? 0) + sumOf(this.#other, i);
          addRow(this.#cross, i, this.#block, this.#other, start, start + taps);
        }
      }
    }
    this.#block.fill(0);
    this.#other?.fill(0);
    this.#filled = 0;

    function addRow(
      target: Float64Array,
      row: number,
      a: Float64Array,
      b: Float64Array,
      first: number,
      end: number,
    ): void {
      let at = row * taps;
      let j = first;
      for (; j + 1 < end; j += 2, at += 2) {
        // Both at once, since the additions of one wait for each other.
        const left = row * BLOCK;
        const right = j * BLOCK;
        let even0 = 0;
        let odd0 = 0;
        let even1 = 0;
        let odd1 = 0;
        for (let p = 0; p < BLOCK; p += 2) {
          const x = a[left + p] ?? 0;
          const z = a[left + p + 1] ?? 0;
          even0 += x * (b[right + p] ?? 0);
          odd0 += z * (b[right + p + 1] ?? 0);
          even1 += x * (b[right + BLOCK + p] ?? 0);
          odd1 += z * (b[right + BLOCK + p + 1] ?? 0);
        }
        target[at] = (target[at] ?? 0) + (even0 + odd0);
        target[at + 1] = (target[at + 1] ?? 0) + (even1 + odd1);
      }
      for (; j < end; j++, at++) target[at] = (target[at] ?? 0) + dot(a, row, b, j);
    }
  }
}

function sumOf(block: Float64Array, row: number): number {
  let sum = 0;
  for (let p = row * BLOCK; p < (row + 1) * BLOCK; p++) sum += block[p] ?? 0;
  return sum;
}

function dot(a: Float64Array, rowA: number, b: Float64Array, rowB: number): number {
  const at = rowA * BLOCK;
  const bt = rowB * BLOCK;
  let even = 0;
  let odd = 0;
  for (let p = 0; p < BLOCK; p += 2) {
    even += (a[at + p] ?? 0) * (b[bt + p] ?? 0);
    odd += (a[at + p + 1] ?? 0) * (b[bt + p + 1] ?? 0);
  }
  return even + odd;
}

/** Copies the lower triangle of each group's matrix to the upper one. */
function mirror(products: Float64Array, groups: number, taps: number): void {
  for (let group = 0; group < groups; group++) {
    const base = group * taps * taps;
    for (let i = 0; i < taps; i++) {
      for (let j = 0; j < i; j++) products[base + j * taps + i] = products[base + i * taps + j] ?? 0;
    }
  }
}
