import { bitsOfGrid, nearestPoint, scaled, withinRange, type Grid } from './grid.js';

/**
 * The error of one layer in parts, as sums of squares over elements. With y the float model's tensor, F what the float layer
 * makes of the integers that the quantised layer reads, C(F) that within the range of the layer's grid, Q(F) the nearest
 * point of the grid, and ŷ what the quantised layer delivers:
 * ŷ - y = (F - y) + (C(F) - F) + (Q(F) - C(F)) + (ŷ - Q(F)).
 */
export interface LayerErrors {
  readonly elements: number;
  /** Σ y². */
  readonly signal: number;
  /** Σ (ŷ - y)². */
  readonly total: number;
  /** Σ (F - y)²: what the layer inherits. */
  readonly inherited: number;
  /** Σ (C(F) - F)². */
  readonly saturation: number;
  /** Σ (Q(F) - C(F))². */
  readonly rounding: number;
  /** Σ (ŷ - Q(F))²: integers of weights and biases, and multipliers. */
  readonly weights: number;
  /** The part of `weights` that a constant for each channel makes up for. */
  readonly meanShift: number;
  /** Elements beyond the range of the grid. */
  readonly saturated: number;
  /** Σ y·ŷ and Σ ŷ². */
  readonly product: number;
  readonly energy: number;
  readonly largest: number;
  /** Estimates of saturation and rounding at other scales, by factor of the present one. */
  readonly otherScales: readonly ScaleTrial[];
  /** Largest |F| as a share of the present range. */
  readonly reach: number;
}

export interface ScaleTrial {
  readonly factor: number;
  /** Saturation and rounding together. */
  readonly error: number;
}

/** Factors of the present scale that are tried: half octaves. */
const FACTORS: readonly number[] = Array.from({ length: 21 }, (_, i) => 2 ** ((i - 12) / 2));

/** Elements of a batch that other scales are tried on. */
const TRIED = 1024;

/** Gathers the errors of a layer, batch by batch. */
export class LayerMeasure {
  readonly grid: Grid;
  #elements = 0;
  #signal = 0;
  #total = 0;
  #inherited = 0;
  #saturation = 0;
  #rounding = 0;
  #weights = 0;
  #saturated = 0;
  #product = 0;
  #energy = 0;
  #largest = 0;
  #reach = 0;
  #tried = 0;
  readonly #trials: number[] = FACTORS.map(() => 0);
  /** Σ (ŷ - Q(F)) by channel, each of as many elements. */
  #shifts = new Float64Array(0);

  constructor(grid: Grid) {
    this.grid = grid;
  }

  /**
   * @param y the float model's tensor
   * @param inherited what the float layer makes of the integers; y itself where they are exact
   * @param result what the quantised layer delivers, as real numbers
   * @param dims those of the float tensor
   */
  add(y: ArrayLike<number>, inherited: ArrayLike<number>, result: ArrayLike<number>, dims: readonly number[]): void {
    const { grid } = this;
    const channels = dims.length > 1 ? (dims[1] ?? 1) : 1;
    const inner = dims.slice(2).reduce((product, dim) => product * dim, 1);
    const range = Math.max(grid.scale * (grid.hi - grid.zeroPoint), grid.scale * (grid.zeroPoint - grid.lo));
    if (this.#shifts.length === 0) this.#shifts = new Float64Array(channels);
    for (let i = 0; i < y.length; i++) {
      const real = y[i] ?? 0;
      const f = inherited[i] ?? 0;
      const got = result[i] ?? 0;
      const clipped = withinRange(f, grid);
      const point = nearestPoint(f, grid);
      const off = got - point;
      this.#signal += real * real;
      this.#energy += got * got;
      this.#product += real * got;
      this.#total += (got - real) ** 2;
      this.#inherited += (f - real) ** 2;
      this.#saturation += (clipped - f) ** 2;
      this.#rounding += (point - clipped) ** 2;
      this.#weights += off * off;
      if (clipped !== f) this.#saturated++;
      this.#largest = Math.max(this.#largest, Math.abs(got - real));
      this.#reach = Math.max(this.#reach, Math.abs(f) / range);
      const channel = Math.floor(i / inner) % channels;
      this.#shifts[channel] = (this.#shifts[channel] ?? 0) + off;
    }
    this.#elements += y.length;
    this.#try(inherited);
  }

  errors(): LayerErrors {
    const perChannel = this.#elements / this.#shifts.length;
    const meanShift = this.#shifts.reduce((sum, shift) => sum + shift ** 2 / perChannel, 0);
    const share = this.#tried === 0 ? 0 : this.#elements / this.#tried;
    return {
      elements: this.#elements,
      signal: this.#signal,
      total: this.#total,
      inherited: this.#inherited,
      saturation: this.#saturation,
      rounding: this.#rounding,
      weights: this.#weights,
      meanShift,
      saturated: this.#saturated,
      product: this.#product,
      energy: this.#energy,
      largest: this.#largest,
      otherScales: FACTORS.map((factor, i) => ({ factor, error: (this.#trials[i] ?? 0) * share })),
      reach: this.#reach,
    };
  }

  get elements(): number {
    return this.#elements;
  }

  get bits(): number {
    return bitsOfGrid(this.grid);
  }

  /** Elements spread over the batch, on grids of other scales. */
  #try(f: ArrayLike<number>): void {
    const step = Math.max(1, Math.floor(f.length / TRIED));
    for (let i = 0; i < f.length; i += step) {
      const x = f[i] ?? 0;
      for (const [k, factor] of FACTORS.entries()) {
        this.#trials[k] = (this.#trials[k] ?? 0) + (nearestPoint(x, scaled(this.grid, factor)) - x) ** 2;
      }
      this.#tried++;
    }
  }
}
