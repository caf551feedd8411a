/** One axis of a loop nest: its size and, for each operand, the distance between neighbours in elements (0 to repeat). */
export interface Axis {
  size: number;
  readonly steps: number[];
}

/** Axes of a loop nest, outermost first: those of size 1 dropped, neighbours merged that every operand spaces evenly. */
export function mergeAxes(sizes: readonly number[], strides: readonly (readonly number[])[]): Axis[] {
  const axes: Axis[] = [];
  for (const [i, size] of sizes.entries()) {
    if (size === 1) continue;
    const steps = strides.map((operand) => operand[i]!);
    const outer = axes.at(-1);
    if (outer?.steps.every((step, k) => step === steps[k]! * size) === true) {
      outer.size *= size;
      outer.steps.splice(0, steps.length, ...steps);
    } else axes.push({ size, steps });
  }
  return axes;
}

/** Visits the coordinates of a loop nest in row-major order and keeps one offset for each operand. */
export class Walk {
  readonly offsets: number[];
  readonly #axes: readonly Axis[];
  readonly #position: number[];

  /** No axis may have size 0. */
  constructor(axes: readonly Axis[], operands: number) {
    this.offsets = new Array<number>(operands).fill(0);
    this.#axes = axes;
    this.#position = axes.map(() => 0);
  }

  /** Moves to the next coordinates; after the last it returns false and is back at the first. */
  next(): boolean {
    const { offsets } = this;
    for (let i = this.#axes.length - 1; i >= 0; i--) {
      const { size, steps } = this.#axes[i]!;
      const position = this.#position[i]! + 1;
      const wraps = position === size;
      for (let k = 0; k < offsets.length; k++) offsets[k]! += wraps ? steps[k]! * (1 - size) : steps[k]!;
      this.#position[i] = wraps ? 0 : position;
      if (!wraps) return true;
    }
    return false;
  }
}
