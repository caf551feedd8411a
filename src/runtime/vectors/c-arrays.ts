import { allocate, bitsOf, integerRange, isFloat, isSigned, type DType } from '../../ir/dtype.js';
import { sizeOf } from '../../ir/shape.js';
import { Tensor } from '../../ir/tensor.js';
import { formatFault, type SourceName } from '../formats/format-fault.js';
import { withoutDeadCode } from './c-dead-code.js';
import { parseCInteger, parseCNumber } from './c-number.js';
import { CTokens, type CToken } from './c-tokens.js';
import { cTypeOf } from './c-types.js';

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
 * hexadecimal or octal, floats with exponent and suffix, signed, cast, named by a #define, in nested braces. What `#if 0`
 * leaves out is passed over (see `withoutDeadCode`).
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
    this.#tokens = new CTokens(withoutDeadCode(text), {
      comment: (comment) => this.#comments.push(comment),
      define: (name, value) => this.#defined.set(name, value),
    });
  }

  read(): CArray[] {
    const arrays: CArray[] = [];
    let words: string[] = [];
    // Words in front of the parentheses that an attribute has: its declaration goes on behind them.
    let around: string[] | undefined;
    for (let token = this.#tokens.next(); token.kind !== 'end'; token = this.#tokens.next()) {
      const { text } = token;
      if (token.kind === 'word') words.push(text);
      else if (text === '(' && ATTRIBUTE.test(words.at(-1) ?? '')) {
        around = words.slice(0, -1);
        words = [];
      } else if (around !== undefined && !/^(?:[;{}[\]]|\*\/)$/.test(text)) {
        words = text === ')' ? [...around] : [];
      } else {
        const name = words.at(-1);
        const types = words.slice(0, -1);
        [words, around] = [[], undefined];
        if (text !== '[' || name === undefined || types.length === 0) continue;
        const array = this.#array(name, types, token);
        if (array !== undefined) arrays.push(array);
      }
    }
    return arrays;
  }

  #array(name: string, types: readonly string[], at: CToken): CArray | undefined {
    const sizes = this.#sizes();
    if (sizes === undefined || !this.#opens()) return undefined;
    const comments = this.#comments;
    this.#comments = [];
    const dtype = cTypeOf(types);
    try {
      if (dtype === undefined)
        throw new Unreadable(`the type of its elements is unknown in '${shown(types.join(' '))}'`);
      return { name, tensor: arrayOf(dtype, sizes, this.#elements(dtype)), comments };
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

  #elements(dtype: DType): (number | bigint)[] {
    const values: (number | bigint)[] = [];
    const long = !isFloat(dtype) && bitsOf(dtype) === 64;
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
        const literal = kind === 'word' ? this.#meaning(text) : text;
        const number = parseCNumber(literal);
        if (number === undefined || kind === 'other') {
          throw new Unreadable(`element ${values.length} is '${shown(text)}', a number is accepted`);
        }
        const value = sign * number.value;
        values.push(
          long
            ? inLongType(dtype, parseCInteger(literal) ?? value, sign, number.hexadecimal, values.length)
            : inType(dtype, value, number.hexadecimal, values.length),
        );
        [sign, signed, complete] = [1, false, true];
      }
    }
    return values;
  }

  /** What a #define of the file says, or a standard header. */
  #meaning(word: string): string {
    return this.#defined.get(word) ?? NAMED.get(word) ?? '';
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

/** What is written in capitals, as macros are, or is a keyword of compilers, may have parentheses within a declaration. */
const ATTRIBUTE = /^(?:__\w+|_?[Aa]lignas|[A-Z_][A-Z\d_]+)$/;

const NAMED: ReadonlyMap<string, string> = new Map([
  ['true', '1'],
  ['false', '0'],
  ['INFINITY', 'Infinity'],
  ['NAN', 'NaN'],
  ...[8, 16, 32, 64].flatMap((bits): [string, string][] => [
    [`INT${bits}_MIN`, `-${2n ** BigInt(bits - 1)}`],
    [`INT${bits}_MAX`, String(2n ** BigInt(bits - 1) - 1n)],
    [`UINT${bits}_MAX`, String(2n ** BigInt(bits) - 1n)],
  ]),
]);

const shown = (text: string): string => (text.length > 24 ? `${text.slice(0, 24)}…` : text);

/** A number as the type holds it; a hexadecimal one may be the bits of a negative one. */
function inType(dtype: DType, value: number, hexadecimal: boolean, index: number): number {
  if (dtype === 'float32') return Math.fround(value);
  if (isFloat(dtype)) return value;
  const bits = bitsOf(dtype);
  const { lo, hi } = integerRange(dtype);
  if (Number.isInteger(value) && value >= lo && value <= hi) return value;
  if (hexadecimal && isSigned(dtype) && value > hi && value < 2 ** bits) return value - 2 ** bits;
  throw new Unreadable(`element ${index} is ${value}, which is no ${dtype}`);
}

/** Likewise for 64 bits, which a number does not hold; what is no integer literal is a number with its sign. */
function inLongType(dtype: DType, literal: bigint | number, sign: number, hexadecimal: boolean, index: number): bigint {
  const value =
    typeof literal === 'bigint' ? BigInt(sign) * literal : Number.isSafeInteger(literal) ? BigInt(literal) : undefined;
  if (value !== undefined) {
    const own = hexadecimal && isSigned(dtype) && sign > 0 ? BigInt.asIntN(64, value) : value;
    const held = isSigned(dtype) ? BigInt.asIntN(64, own) : BigInt.asUintN(64, own);
    if (held === own && value < 2n ** 64n) return own;
  }
  throw new Unreadable(`element ${index} is ${value ?? literal}, which is no ${dtype}`);
}

function arrayOf(dtype: DType, sizes: readonly (number | undefined)[], values: readonly (number | bigint)[]): Tensor {
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
  for (const [i, value] of values.entries()) data[i] = value;
  return new Tensor(dtype, dims, data);
}
