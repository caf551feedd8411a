import { erf } from './erf.js';
import { roundHalfEven } from './floats.js';
import type { UnaryDefinition, UnaryLoop } from './unary.js';

/** Loops of the mathematical and logical functions of one operand; integers reach them as float64, truth values as 0 and 1. */

const abs: UnaryLoop = (x, y) => {
  for (let i = 0; i < x.length; i++) y[i] = Math.abs(x[i]!);
};

const neg: UnaryLoop = (x, y) => {
  for (let i = 0; i < x.length; i++) y[i] = -x[i]!;
};

const floor: UnaryLoop = (x, y) => {
  for (let i = 0; i < x.length; i++) y[i] = Math.floor(x[i]!);
};

const ceil: UnaryLoop = (x, y) => {
  for (let i = 0; i < x.length; i++) y[i] = Math.ceil(x[i]!);
};

const round: UnaryLoop = (x, y) => {
  for (let i = 0; i < x.length; i++) y[i] = roundHalfEven(x[i]!);
};

const sign: UnaryLoop = (x, y) => {
  for (let i = 0; i < x.length; i++) y[i] = Math.sign(x[i]!);
};

const sqrt: UnaryLoop = (x, y) => {
  for (let i = 0; i < x.length; i++) y[i] = Math.sqrt(x[i]!);
};

const reciprocal: UnaryLoop = (x, y) => {
  for (let i = 0; i < x.length; i++) y[i] = 1 / x[i]!;
};

const exp: UnaryLoop = (x, y) => {
  for (let i = 0; i < x.length; i++) y[i] = Math.exp(x[i]!);
};

const log: UnaryLoop = (x, y) => {
  for (let i = 0; i < x.length; i++) y[i] = Math.log(x[i]!);
};

const not: UnaryLoop = (x, y) => {
  for (let i = 0; i < x.length; i++) y[i] = x[i] === 0 ? 1 : 0;
};

const bitwiseNot: UnaryLoop = (x, y) => {
  for (let i = 0; i < x.length; i++) y[i] = ~x[i]!;
};

const isNaN: UnaryLoop = (x, y) => {
  for (let i = 0; i < x.length; i++) y[i] = Number.isNaN(x[i]!) ? 1 : 0;
};

const isInf: UnaryLoop = (x, y, detectNegative, detectPositive) => {
  for (let i = 0; i < x.length; i++) {
    const v = x[i]!;
    y[i] = v === Infinity ? detectPositive : v === -Infinity ? detectNegative : 0;
  }
};

/** The loop of a function that is rare enough, and costly enough itself, for a call per element. */
const each =
  (f: (value: number) => number): UnaryLoop =>
  (x, y) => {
    for (let i = 0; i < x.length; i++) y[i] = f(x[i]!);
  };

/** Functions of one operand by operator name. */
export const MATH_FUNCTIONS: readonly (readonly [string, UnaryDefinition])[] = [
  ['Abs', { loop: abs, big: (v) => (v < 0n ? -v : v) }],
  ['Neg', { loop: neg, big: (v) => -v }],
  ['Sign', { loop: sign, big: (v) => (v > 0n ? 1n : v < 0n ? -1n : 0n) }],
  ['Floor', { loop: floor }],
  ['Ceil', { loop: ceil }],
  ['Round', { loop: round }],
  ['Sqrt', { loop: sqrt }],
  ['Reciprocal', { loop: reciprocal }],
  ['Exp', { loop: exp }],
  ['Log', { loop: log }],
  ['Erf', { loop: each(erf) }],
  ['Sin', { loop: each(Math.sin) }],
  ['Cos', { loop: each(Math.cos) }],
  ['Tan', { loop: each(Math.tan) }],
  ['Asin', { loop: each(Math.asin) }],
  ['Acos', { loop: each(Math.acos) }],
  ['Atan', { loop: each(Math.atan) }],
  ['Sinh', { loop: each(Math.sinh) }],
  ['Cosh', { loop: each(Math.cosh) }],
  ['Asinh', { loop: each(Math.asinh) }],
  ['Acosh', { loop: each(Math.acosh) }],
  ['Atanh', { loop: each(Math.atanh) }],
  ['Not', { loop: not }],
  ['BitwiseNot', { loop: bitwiseNot, big: (v) => ~v }],
  ['IsNaN', { loop: isNaN }],
  ['IsInf', { loop: isInf, parameters: (attrs) => [attrs.int('detect_negative', 1), attrs.int('detect_positive', 1)] }],
];
