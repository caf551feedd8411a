import type { Tensor } from './tensor.js';

/** One attribute of a node: its kind, and its value. */
export type Attribute =
  | { readonly kind: 'int'; readonly value: number }
  | { readonly kind: 'ints'; readonly value: readonly number[] }
  | { readonly kind: 'float'; readonly value: number }
  | { readonly kind: 'floats'; readonly value: readonly number[] }
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'strings'; readonly value: readonly string[] }
  | { readonly kind: 'tensor'; readonly value: Tensor };

/** The kinds of attributes that the operators of the IR have. */
export type AttributeKind = Attribute['kind'];
type ValueOf<K extends AttributeKind> = Extract<Attribute, { kind: K }>['value'];

/** Thrown when an attribute is missing or of another kind than the operator declares; the verifier rules it out. */
export class AttributeError extends Error {
  override readonly name = 'AttributeError';
}

/** Immutable attributes of one node, by name. */
export class Attributes implements Iterable<readonly [string, Attribute]> {
  static readonly none: Attributes = new Attributes([]);
  readonly #entries: ReadonlyMap<string, Attribute>;

  constructor(entries: Iterable<readonly [string, Attribute]>) {
    this.#entries = new Map(entries);
  }

  /**
   * Attributes from plain values: an integral number is an int, `{ float }` forces a float, arrays of integers are ints.
   * Entries that are undefined are left out.
   */
  static of(values: Readonly<Record<string, AttributeInput | undefined>>): Attributes {
    const entries: [string, Attribute][] = [];
    for (const [name, value] of Object.entries(values))
      if (value !== undefined) entries.push([name, toAttribute(value)]);
    return new Attributes(entries);
  }

  get size(): number {
    return this.#entries.size;
  }

  /** Whether there is an attribute of that name. */
  has(name: string): boolean {
    return this.#entries.has(name);
  }

  /** The attribute of that name, of whatever kind. */
  get(name: string): Attribute | undefined {
    return this.#entries.get(name);
  }

  /** The integer of that name, or the fallback. @throws AttributeError */
  int(name: string, fallback?: number): number {
    return this.#read(name, 'int', fallback);
  }

  /** The integers of that name, or the fallback. @throws AttributeError */
  ints(name: string, fallback?: readonly number[]): readonly number[] {
    return this.#read(name, 'ints', fallback);
  }

  /** The float of that name, or the fallback. @throws AttributeError */
  float(name: string, fallback?: number): number {
    return this.#read(name, 'float', fallback);
  }

  /** The floats of that name, or the fallback. @throws AttributeError */
  floats(name: string, fallback?: readonly number[]): readonly number[] {
    return this.#read(name, 'floats', fallback);
  }

  /** The string of that name, or the fallback. @throws AttributeError */
  string(name: string, fallback?: string): string {
    return this.#read(name, 'string', fallback);
  }

  /** The strings of that name, or the fallback. @throws AttributeError */
  strings(name: string, fallback?: readonly string[]): readonly string[] {
    return this.#read(name, 'strings', fallback);
  }

  /** The tensor of that name. @throws AttributeError */
  tensor(name: string): Tensor {
    return this.#read(name, 'tensor', undefined);
  }

  /** The attributes with one replaced in its place, or added at the end. */
  with(name: string, value: AttributeInput): Attributes {
    return new Attributes(new Map(this.#entries).set(name, toAttribute(value)));
  }

  /** The attributes without those of some names. */
  without(...names: readonly string[]): Attributes {
    return new Attributes([...this.#entries].filter(([name]) => !names.includes(name)));
  }

  /** Names and attributes in their order. */
  [Symbol.iterator](): Iterator<readonly [string, Attribute]> {
    return this.#entries.entries();
  }

  #read<K extends AttributeKind>(name: string, kind: K, fallback: ValueOf<K> | undefined): ValueOf<K> {
    const attribute = this.#entries.get(name);
    if (attribute === undefined) {
      if (fallback === undefined) throw new AttributeError(`attribute ${name} is required`);
      return fallback;
    }
    if (attribute.kind !== kind) throw new AttributeError(`attribute ${name} is ${attribute.kind}, expected ${kind}`);
    return attribute.value as ValueOf<K>;
  }
}

/** An attribute as a plain value, see `Attributes.of`. */
export type AttributeInput =
  | number
  | string
  | readonly number[]
  | readonly string[]
  | { readonly float: number }
  | { readonly floats: readonly number[] }
  | Tensor;

function toAttribute(value: AttributeInput): Attribute {
  if (typeof value === 'number') return { kind: Number.isInteger(value) ? 'int' : 'float', value };
  if (typeof value === 'string') return { kind: 'string', value };
  if (isArray(value)) {
    if (value.every((item) => typeof item === 'number')) {
      return { kind: value.every(Number.isInteger) ? 'ints' : 'floats', value };
    }
    return { kind: 'strings', value: value.map(String) };
  }
  if ('float' in value) return { kind: 'float', value: value.float };
  if ('floats' in value) return { kind: 'floats', value: value.floats };
  return { kind: 'tensor', value };
}

const isArray = (value: unknown): value is readonly (number | string)[] => Array.isArray(value);
