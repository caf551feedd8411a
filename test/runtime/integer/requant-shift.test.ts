import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TINPU_KERNELS, TINPU_OPERATORS } from '../../../src/backends/tinpu/dialect.js';
import { Tensor } from '../../../src/ir/tensor.js';
import { parseGraph } from '../../../src/ir/text/parse.js';
import { prepare } from '../../../src/runtime/executor.js';
import { ExecutionFault } from '../../../src/runtime/kernel.js';

interface Case {
  readonly x: Tensor;
  readonly multiplier: Tensor;
  readonly addend: Tensor;
  readonly shift: number;
  readonly range?: readonly [lo: number, hi: number];
}

function run({ x, multiplier, addend, shift, range = [-32768, 32767] }: Case): Tensor | undefined {
  const type = ({ dtype, dims }: Tensor): string => `${dtype}[${dims.join(',')}]`;
  const graph = parseGraph(
    `graph "g"
input %x: ${type(x)}
input %m: ${type(multiplier)}
input %a: ${type(addend)}
%y = q.RequantShift(%x, %m, %a) {shift = ${shift}, lo = ${range[0]}, hi = ${range[1]}} "act"
output "y" = %y
`,
    TINPU_OPERATORS,
  );
  return prepare(graph, TINPU_KERNELS)
    .run(
      new Map([
        ['x', x],
        ['m', multiplier],
        ['a', addend],
      ]),
    )
    .get('y');
}

const int64 = (dims: readonly number[], values: readonly bigint[]): Tensor =>
  new Tensor('int64', dims, BigInt64Array.from(values));

/** In rationals: floor of the quotient, half of a unit up. */
function expected(x: number, m: bigint, a: bigint, shift: number): number {
  const numerator = 2n * (BigInt(x) * m + a) + 2n ** BigInt(shift);
  const whole = shift === 0 ? BigInt(x) * m + a : floorDivided(numerator, 2n ** BigInt(shift + 1));
  return Number(whole < -32768n ? -32768n : whole > 32767n ? 32767n : whole);
}

const floorDivided = (a: bigint, b: bigint): bigint => a / b - (a % b !== 0n && a < 0n ? 1n : 0n);

describe('q.RequantShift', () => {
  it('is exact for products of any size', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer(), { minLength: 4, maxLength: 4 }),
        fc.bigInt({ min: -(2n ** 40n), max: 2n ** 40n }),
        fc.bigInt({ min: -(2n ** 61n), max: 2n ** 61n }),
        fc.integer({ min: 0, max: 62 }),
        (xs, m, a, shift) => {
          const x = new Tensor('int32', [2, 2], Int32Array.from(xs));
          const result = run({ x, multiplier: int64([], [m]), addend: int64([1], [a]), shift });
          expect(result?.toNumbers()).toEqual(xs.map((value) => expected(value, m, a, shift)));
        },
      ),
      { seed: 5, numRuns: 300 },
    );
  });

  it('tells the two sides of a boundary apart that doubles confuse', () => {
    // The product has 61 bits; with the addend it meets the boundary, or lies 1 short of it.
    const [x, m] = [1073741823, 2147483649n];
    const product = BigInt(x) * m;
    const addend = (5n << 40n) - (1n << 39n) - product;
    const at = (a: bigint): number[] | undefined =>
      run({
        x: new Tensor('int32', [1, 1], Int32Array.of(x)),
        multiplier: int64([], [m]),
        addend: int64([], [a]),
        shift: 40,
      })?.toNumbers();
    expect(at(addend)).toEqual([5]);
    expect(at(addend - 1n)).toEqual([4]);
  });

  it('broadcasts constants along the channels', () => {
    const x = Tensor.float32([2, 2, 1, 2], [1, 2, 3, 4, 5, 6, 7, 8]);
    const result = run({
      x,
      multiplier: Tensor.float32([2, 1, 1], [1, 10]),
      addend: Tensor.float32([1, 2, 1, 1], [0, 100]),
      shift: 0,
      range: [0, 150],
    });
    expect(result?.dtype).toBe('float32');
    expect(result?.toNumbers()).toEqual([1, 2, 130, 140, 5, 6, 150, 150]);
  });

  it.each([
    ['input', { x: [0.5], m: [1], a: [0] }],
    ['multiplier', { x: [1], m: [1.5], a: [0] }],
    ['addend', { x: [1], m: [1], a: [0.25] }],
  ])('refuses fractions in its %s', (what, { x, m, a }) => {
    const floats = (values: number[]): Tensor => Tensor.float32([1, 1], values);
    const fractions = (): unknown => run({ x: floats(x), multiplier: floats(m), addend: floats(a), shift: 3 });
    expect(fractions).toThrow(ExecutionFault);
    expect(fractions).toThrow(`the ${what} of RequantShift 'act' holds`);
  });
});
