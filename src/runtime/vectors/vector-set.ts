import type { Tensor } from '../../ir/tensor.js';
import type { InputSequence } from './input-sequence.js';

/** What an array of a golden vector is to the model; `input-q` is the input as the integers that it becomes (spec 4.4). */
export type VectorRole = 'input' | 'input-q' | 'output' | 'tensor';

/** One array of a golden vector. */
export interface VectorArray {
  /** As the file calls it: a conventional name, or one of the model's. */
  readonly name: string;
  /** Undefined where only the name can tell. */
  readonly role: VectorRole | undefined;
  /** Which input or output of the model it is, where the file counts them instead of naming them. */
  readonly index?: number | undefined;
  /** Whether it stood there among others and may be none of the vectors. */
  readonly incidental?: boolean | undefined;
  /** Flat where the file does not tell the shape. */
  readonly tensor: Tensor;
}

/** Arrays that belong together: one golden vector, or several stacked along axis 0. */
export interface VectorSet {
  readonly label: string;
  readonly arrays: readonly VectorArray[];
}

/** What files of golden vectors hold. */
export interface Vectors {
  readonly sets: readonly VectorSet[];
  /** Input sequences of generated headers. */
  readonly sequences: readonly InputSequence[];
}

/** Gathers arrays into sets: an array whose name the set has already begins the next one. */
export class VectorSets {
  readonly #sets: { readonly label: string; readonly arrays: VectorArray[] }[] = [];
  #names = new Set<string>();

  /** Begins a set of that label. */
  begin(label?: string): void {
    const last = this.#sets.at(-1);
    if (last?.arrays.length === 0) this.#sets.pop();
    this.#sets.push({ label: label ?? `set ${this.#sets.length}`, arrays: [] });
    this.#names = new Set();
  }

  add(array: VectorArray): void {
    const key = `${array.role ?? ''} ${array.name}`;
    if (this.#sets.length === 0 || this.#names.has(key)) this.begin();
    this.#names.add(key);
    this.#sets.at(-1)?.arrays.push(array);
  }

  get sets(): readonly VectorSet[] {
    return this.#sets.filter(({ arrays }) => arrays.length > 0);
  }
}
