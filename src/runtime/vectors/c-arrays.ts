import { allocate, bitsOf, integerRange, isFloat, isSigned, type DType } from '../../ir/dtype.js';
import { sizeOf } from '../../ir/shape.js';
import { Tensor } from '../../ir/tensor.js';
import { formatFault, type SourceName } from '../formats/format-fault.js';
import { parseCNumber } from './c-number.js';
import { CTokens, type CToken } from './c-tokens.js';

/** An initialised array of C. */
export interface CArray {
  readonly name: string;
  /** Of the declared dims. */
  readonly tensor: Tensor;
  /** The line comments since the array before. */
  readonly comments: readonly string[];
}

export interface CArrayOptions extends SourceName {
  /** Whether an array of this name, or behind these comments, must be readable; others are passed over when they are not. */
  readonly wanted: (name: string, comments: readonly string[]) => boolean;
}

/** Arrays have few axes. */
const MOST_AXES = 16;
/** How many tokens may stand between an array's size and its elements: attributes. */
const MOST_ATTRIBUTES = 32;

/**
 * Reads the arrays of numbers that a C file initialises, also those within block comments. Elements may be decimal,
 * hexadecimal or octal, floats with exponent and suffix, signed, cast, named by a #define, in nested braces.
 * @throws UserError `invalid-c` for a wanted array that is cut off, holds something else than numbers of its type or
 * another count than it declares.
 */
export function readCArrays(text: string, options: CArrayOptions): readonly CArray[] {
  return new CArrayReader(text, options).read();
}

class Unreadable extends Error {}

class CArrayReader {
  readonly #tokens: CTokens;
  readonly #options: CArrayOptions;
  readonly #defined = new Map<string, string>();
  #comments: string[] = [];

  constructor(text: string, options: CArrayOptions) {
    this.#options = options;
    this.#tokens = new CTokens(text, {
      comment: (comment) => this.#comments.push(comment),
      define: (name, value) => this.#defined.set(name, value),
    });
  }

  read(): CArray[] {
    const arrays: CArray[] = [];
    let words: string[] = [];
    for (let token = this.#tokens.next(); token.kind !== 'end'; token = this.#tokens.next()) {
      if (token.kind === 'word') words.push(token.text);
      else {
        const name = words.at(-1);
        const dtype = typeOf(words.slice(0, -1));
        words = [];
        if (token.text !== '[' || name === undefined || dtype === undefined) continue;
        const array = this.#array(name, dtype, token);
        if (array !== undefined) arrays.push(array);
      }
    }
    return arrays;
  }

  #array(name: string, dtype: DType, at: CToken): CArray | undefined {
    const sizes = this.#sizes();
    if (sizes === undefined || !this.#opens()) return undefined;
    const comments = this.#comments;
    this.#comments = [];
    try {
      const values = this.#elements(dtype);
      return { name, tensor: arrayOf(dtype, sizes, values), comments };
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error;
      if (!this.#options.wanted(name, comments)) return undefined;
      const place = `the array '${name}' in line ${this.#tokens.lineOf(at.offset)}`;
      throw formatFault('invalid-c', `${place} cannot be read: ${error.message}`, this.#options);
    }
  }

  /** What stands between the brackets: a size, or undefined where it is left open or an expression. */
  #sizes(): (number | undefined)[] | undefined {
    const sizes: (number | undefined)[] = [];
    let size: string | undefined;
    let length = 0;
    for (let token = this.#tokens.next(true); ; token = this.#tokens.next(true)) {
      if (token.text === ']') {
        const text = length === 1 && size !== undefined ? (this.#defined.get(size) ?? size) : '';
        sizes.push(parseCNumber(text)?.value);
        const behind = this.#tokens.next(true);
        if (behind.text !== '[' || sizes.length >= MOST_AXES) {
          this.#pending = behind;
          return sizes;
        }
        [size, length] = [undefined, 0];
      } else if (token.kind === 'end' || token.text === '*/' || ++length > MOST_ATTRIBUTES) return undefined;
      else size = token.text;
    }
  }

  #pending: CToken | undefined;

  /** Whether elements follow. */
  #opens(): boolean {
    let depth = 0;
    for (let i = 0; i < MOST_ATTRIBUTES; i++) {
      const token = this.#pending ?? this.#tokens.next(true);
      this.#pending = undefined;
      if (token.text === '=' && depth === 0) return this.#tokens.next(true).text === '{';
      if (token.text === '(') depth++;
      else if (token.text === ')') depth--;
      else if (token.kind !== 'word' && (depth === 0 || token.kind === 'end' || /^[;{}]|\*\//.test(token.text)))
        return false;
    }
    return false;
  }

  #elements(dtype: DType): number[] {
    const values: number[] = [];
    let depth = 1;
    let sign = 1;
    let signed = false;
    let complete = false;
    const begun = this.#tokens.commented;
    const fail = (message: string): never => {
      throw new Unreadable(message);
    };
    while (depth > 0) {
      const token = this.#tokens.next(true);
      const { kind, text } = token;
      if (kind === 'end' || (text === '*/' && begun)) fail('it is cut off');
      else if (text === ',' || text === '}') {
        if (signed) fail(`a sign stands alone behind element ${values.length - 1}`);
        if (text === '}') depth--;
        complete = text === '}';
      } else if (complete) fail(`'${shown(text)}' follows element ${values.length - 1}, a comma is accepted`);
      else if (text === '{') depth++;
      else if (text === '(') this.#cast();
      else if (text === '-' || text === '+') {
        if (text === '-') sign = -sign;
        signed = true;
      } else {
        const number = parseCNumber(kind === 'word' ? this.#meaning(text) : text) ?? NAMED.get(text);
        if (number === undefined || kind === 'other') {
          throw new Unreadable(`element ${values.length} is '${shown(text)}', a number is accepted`);
        }
        values.push(inType(dtype, sign * number.value, number.hexadecimal, values.length));
        [sign, signed, complete] = [1, false, true];
      }
    }
    return values;
  }

  /** What a #define of the file says. */
  #meaning(word: string): string {
    return this.#defined.get(word) ?? '';
  }

  #cast(): void {
    for (let i = 0; i < MOST_ATTRIBUTES; i++) {
      const token = this.#tokens.next(true);
      if (token.text === ')') return;
      if (token.kind !== 'word') break;
    }
    throw new Unreadable('it holds an expression, numbers are accepted');
  }
}

const NAMED: ReadonlyMap<string, { readonly value: number; readonly hexadecimal: boolean }> = new Map(
  (
    [
      ['true', 1],
      ['false', 0],
      ['INFINITY', Infinity],
      ['NAN', NaN],
      ['INT8_MIN', -128],
      ['INT8_MAX', 127],
      ['UINT8_MAX', 255],
    ] as const
  ).map(([name, value]) => [name, { value, hexadecimal: false }]),
);

const shown = (text: string): string => (text.length > 24 ? `${text.slice(0, 24)}…` : text);

/** The element type that words of a declaration say; undefined for none of numbers. */
function typeOf(words: readonly string[]): DType | undefined {
  const has = (word: string): boolean => words.includes(word);
  if (has('typedef') || has('struct')) return undefined;
  if (has('float')) return 'float32';
  if (has('double')) return 'float64';
  for (const word of words) {
    const [, unsigned, width] = /^(u?)int(8|16|32|64)_t$/.exec(word) ?? [];
    if (width !== undefined) return `${unsigned === 'u' ? 'uint' : 'int'}${width}` as DType;
  }
  if (has('bool') || has('_Bool')) return 'uint8';
  const sign = has('unsigned') ? 'uint' : 'int';
  if (has('char')) return `${sign}8`;
  if (has('short')) return `${sign}16`;
  if (words.filter((word) => word === 'long').length === 2) return `${sign}64`;
  return has('int') || has('long') || has('unsigned') ? `${sign}32` : undefined;
}

/** A number as the type holds it; a hexadecimal one may be the bits of a negative one. */
function inType(dtype: DType, value: number, hexadecimal: boolean, index: number): number {
  if (dtype === 'float32') return Math.fround(value);
  if (isFloat(dtype)) return value;
  const bits = bitsOf(dtype);
  const { lo, hi } = bits < 64 ? integerRange(dtype) : { lo: -(2 ** 53), hi: 2 ** 53 };
  if (Number.isInteger(value) && value >= lo && value <= hi) return value;
  if (hexadecimal && isSigned(dtype) && value > hi && value < 2 ** bits && bits < 64) return value - 2 ** bits;
  throw new Unreadable(`element ${index} is ${value}, which is no ${dtype}`);
}

function arrayOf(dtype: DType, sizes: readonly (number | undefined)[], values: readonly number[]): Tensor {
  const [first, ...inner] = sizes;
  const known = inner.filter((size) => size !== undefined);
  const row = sizeOf(known);
  const dims =
    known.length < inner.length ? [values.length] : [first ?? (row === 0 ? 0 : values.length / row), ...known];
  if (!dims.every((dim) => Number.isSafeInteger(dim) && dim >= 0) || sizeOf(dims) !== values.length) {
    const declared = sizes.map((size) => `[${size ?? ''}]`).join('');
    throw new Unreadable(`it declares ${declared} elements but holds ${values.length}`);
  }
  const data = allocate(dtype, values.length);
  if (data instanceof BigInt64Array || data instanceof BigUint64Array) values.forEach((v, i) => (data[i] = BigInt(v)));
  else data.set(values);
  return new Tensor(dtype, dims, data);
}
