import type { Node, Value } from '../../ir/graph.js';
import { splatOf } from '../splat.js';
import { covers, type Cover } from './cover.js';
import { near } from './near.js';

/** Coefficients by power, from the constant on. */
export type Polynomial = readonly number[];

/** The highest power that activations are written with. */
const DEGREE = 3;

/** Reads `value` as a polynomial in `x` from sums, products and powers in any order; undefined when it is none. */
export function readPolynomial(value: Value | undefined, x: Value, cover: Cover): Polynomial | undefined {
  const known = new Map<Value, Polynomial | undefined>([[x, [0, 1]]]);
  const read = (part: Value | undefined): Polynomial | undefined => {
    if (part === undefined) return undefined;
    if (known.has(part)) return known.get(part);
    const number = splatOf(part);
    const { producer } = part;
    const isOpen = number === undefined && producer?.domain === '' && covers(cover, producer);
    const found = isOpen ? combine(producer, read) : number === undefined ? undefined : [number];
    known.set(part, found);
    return found;
  };
  return read(value);
}

function combine(
  { op, inputs }: Node,
  read: (value: Value | undefined) => Polynomial | undefined,
): Polynomial | undefined {
  const [first, second] = inputs;
  if (!['Neg', 'Pow', 'Add', 'Sub', 'Mul', 'Div'].includes(op)) return undefined;
  const a = read(first);
  if (a === undefined) return undefined;
  if (op === 'Neg') return scaled(a, -1);
  if (op === 'Pow') return power(a, exponentOf(second));
  const b = read(second);
  if (b === undefined) return undefined;
  if (op === 'Add') return sum(a, b);
  if (op === 'Sub') return sum(a, scaled(b, -1));
  if (op === 'Mul') return product(a, b);
  const [divisor = 0] = b;
  return b.length === 1 && divisor !== 0 ? a.map((coefficient) => coefficient / divisor) : undefined;
}

/** The exponent of Pow, which may be of another type than its base. */
function exponentOf(value: Value | undefined): number | undefined {
  const tensor = value?.constant;
  return tensor?.size === 1 ? tensor.toNumbers()[0] : splatOf(value);
}

function power(base: Polynomial, exponent: number | undefined): Polynomial | undefined {
  if (exponent === undefined || !Number.isInteger(exponent) || exponent < 1 || exponent > DEGREE) return undefined;
  let result: Polynomial | undefined = base;
  for (let i = 1; i < exponent; i++) result = result && product(result, base);
  return result;
}

function product(a: Polynomial, b: Polynomial): Polynomial | undefined {
  if (a.length + b.length - 2 > DEGREE) return undefined;
  const result = new Array<number>(a.length + b.length - 1).fill(0);
  for (const [i, p] of a.entries()) for (const [j, q] of b.entries()) result[i + j] = (result[i + j] ?? 0) + p * q;
  return result;
}

const sum = (a: Polynomial, b: Polynomial): Polynomial =>
  Array.from({ length: Math.max(a.length, b.length) }, (_, i) => (a[i] ?? 0) + (b[i] ?? 0));

export const scaled = (polynomial: Polynomial, factor: number): Polynomial =>
  polynomial.map((coefficient) => coefficient * factor);

/** Whether two polynomials are equal up to the rounding of the constants of the first to float32. */
export const isNearly = (found: Polynomial, wanted: Polynomial): boolean =>
  Array.from({ length: Math.max(found.length, wanted.length) }, (_, i) => near(found[i] ?? 0, wanted[i] ?? 0)).every(
    Boolean,
  );
