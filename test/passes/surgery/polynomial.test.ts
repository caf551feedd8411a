import { describe, expect, it } from 'vitest';
import { isNearly, readPolynomial, type Polynomial } from '../../../src/passes/surgery/polynomial.js';
import { around, parseValid } from '../../support/surgery.js';

const CONSTANTS = `const %two: float32[] = [2]
  const %half: float32[1] = [0.5]
  const %zero: float32[] = [0]
  const %several: float32[4] = [1, 2, 3, 4]
  const %three: int64[] = [3]
  input %z: float32[1,2,4]`;

function read(lines: string): Polynomial | undefined {
  const { inputs, outputs } = parseValid(around(`${CONSTANTS}\n${lines}`));
  return readPolynomial(outputs[0]?.value, inputs[0]!, new Set());
}

describe('readPolynomial', () => {
  it.each<[string, string, Polynomial]>([
    ['a sum', '%y = Add(%x, %two)', [2, 1]],
    ['a difference', '%y = Sub(%two, %x)', [2, -1]],
    ['a quotient by a number', '%a = Add(%x, %two)\n %y = Div(%a, %half)', [4, 2]],
    ['a square of a sum', '%a = Add(%x, %two)\n %y = Mul(%a, %a)', [4, 4, 1]],
    ['a power', '%a = Neg(%x)\n %y = Pow(%a, %three)', [0, 0, -0, -1]],
    ['what cancels', '%a = Mul(%x, %x)\n %b = Sub(%a, %a)\n %y = Add(%b, %x)', [0, 1, 0]],
  ])('reads %s', (_, lines, wanted) => expect(read(lines)?.map((c) => c + 0)).toEqual(wanted.map((c) => c + 0)));

  it.each([
    ['another value', '%y = Add(%x, %z)'],
    ['another function', '%e = Exp(%x)\n %y = Add(%e, %two)'],
    ['elements that differ', '%y = Mul(%x, %several)'],
    ['a quotient of two polynomials', '%a = Add(%x, %two)\n %y = Div(%x, %a)'],
    ['a quotient by zero', '%y = Div(%x, %zero)'],
    ['a fractional power', '%y = Pow(%x, %half)'],
    ['a fourth power', '%a = Mul(%x, %x)\n %y = Mul(%a, %a)'],
    ['a power of a square', '%a = Mul(%x, %x)\n %y = Pow(%a, %three)'],
  ])('does not read %s', (_, lines) => expect(read(lines)).toBeUndefined());

  it('gives up on arithmetic that is longer than any activation, however often it is shared', () => {
    const doubled = Array.from({ length: 100 }, (_, i) => `%d${i + 1} = Add(%d${i}, %d${i})`).join('\n');
    expect(read(`%d0 = Neg(%x)\n${doubled}\n%y = Neg(%d100)`)).toBeUndefined();
    const short = Array.from({ length: 20 }, (_, i) => `%d${i + 1} = Add(%d${i}, %d${i})`).join('\n');
    expect(read(`%d0 = Neg(%x)\n${short}\n%y = Neg(%d20)`)).toEqual([0, 2 ** 20]);
  });
});

describe('isNearly', () => {
  it('accepts the rounding of constants to float32 and of their products, and nothing that is visible in a decimal', () => {
    const wanted = [0, Math.SQRT1_2];
    expect(isNearly([0, Math.fround(Math.SQRT1_2)], wanted)).toBe(true);
    expect(isNearly([0, 1 / Math.fround(Math.SQRT2)], wanted)).toBe(true);
    expect(isNearly([0, 0.7071], wanted)).toBe(false);
    expect(isNearly([1e-5, Math.SQRT1_2], wanted)).toBe(false);
    expect(isNearly([0, Math.SQRT1_2, 1e-5], wanted)).toBe(false);
    expect(isNearly([0], wanted)).toBe(false);
  });
});
