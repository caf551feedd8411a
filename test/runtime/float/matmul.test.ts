import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isFloat, type DType } from '../../../src/ir/dtype.js';
import { gemm, matMul, matMulInteger } from '../../../src/ir/ops/matmul.js';
import { Tensor } from '../../../src/ir/tensor.js';
import { NN_KERNELS } from '../../../src/runtime/float/nn.js';
import { integerTensor } from '../../support/integer-tensors.js';
import { build, elementAt, expectEqual } from '../../support/naive-tensor.js';
import { run } from '../../support/run-operator.js';

/** The element that broadcasts to the coordinates, which are counted from the last axis. */
function broadcastAt(tensor: Tensor, coordinates: readonly number[]): number | bigint {
  const own = coordinates.slice(coordinates.length - tensor.rank);
  return elementAt(
    tensor,
    own.map((position, axis) => (tensor.dims[axis] === 1 ? 0 : position)),
  );
}

type Factor = (tensor: Tensor, coordinates: readonly number[]) => bigint;
const plain: Factor = (tensor, coordinates) => BigInt(broadcastAt(tensor, coordinates));

/** numpy.matmul on integers, exact; `dims` are those of the result. */
function naiveProduct(
  dtype: DType,
  dims: readonly number[],
  a: Tensor,
  b: Tensor,
  left = plain,
  right = plain,
): Tensor {
  const depth = a.dims.at(-1)!;
  return build(dtype, dims, (at) => {
    const place = [...at];
    const column = b.rank === 1 ? undefined : place.pop();
    const row = a.rank === 1 ? undefined : place.pop();
    let sum = 0n;
    for (let k = 0; k < depth; k++) {
      sum +=
        left(a, row === undefined ? [k] : [...place, row, k]) *
        right(b, column === undefined ? [k] : [...place, k, column]);
    }
    return dtype === 'int64' || dtype === 'uint64' ? sum : Number(sum);
  });
}

const size = fc.integer({ min: 0, max: 6 });
/** Sizes of two factors; without rows or columns a side is a list. */
interface Matrices {
  readonly rows: number | undefined;
  readonly depth: number;
  readonly columns: number | undefined;
  /** Axes before the last two, and which sides have more than 1 along them. */
  readonly batch: readonly (readonly [number, string])[];
  readonly seed: number;
}

const matrices: fc.Arbitrary<Matrices> = fc.record({
  rows: fc.option(size, { nil: undefined, freq: 5 }),
  depth: size,
  columns: fc.option(size, { nil: undefined, freq: 5 }),
  batch: fc.array(fc.tuple(fc.integer({ min: 0, max: 3 }), fc.constantFrom('both', 'left', 'right', 'only left')), {
    maxLength: 3,
  }),
  seed: fc.nat(1000),
});

interface FactorDims {
  readonly left: readonly number[];
  readonly right: readonly number[];
  readonly result: readonly number[];
}

/** Dims of the factors and of their product. */
function dimsOf({ rows, depth, columns, batch }: Matrices): FactorDims {
  // Axes that only the left side has come first.
  const only = batch.filter(([, side]) => side === 'only left').map(([dim]) => dim);
  const shared = batch.filter(([, side]) => side !== 'only left');
  const left = shared.map(([dim, side]) => (side === 'right' ? 1 : dim));
  const right = shared.map(([dim, side]) => (side === 'left' ? 1 : dim));
  const [a, b] = [rows === undefined ? [] : [...only, ...left], columns === undefined ? [] : right];
  const long = Math.max(a.length, b.length);
  const result = Array.from({ length: long }, (_, i) => {
    const [x, y] = [a[i - long + a.length] ?? 1, b[i - long + b.length] ?? 1];
    return x === 1 ? y : x;
  });
  return {
    left: rows === undefined ? [depth] : [...a, rows, depth],
    right: columns === undefined ? [depth] : [...b, depth, columns],
    result: [...result, ...(rows === undefined ? [] : [rows]), ...(columns === undefined ? [] : [columns])],
  };
}

describe('MatMul', () => {
  it('is numpy.matmul, in every type', () => {
    const types: DType[] = [
      'float32',
      'float32',
      'float64',
      'float16',
      'bfloat16',
      'int32',
      'uint32',
      'int64',
      'uint64',
    ];
    fc.assert(
      fc.property(matrices, fc.constantFrom(...types), (given, dtype) => {
        const { left, right, result } = dimsOf(given);
        // At most 6 products of up to 25: exact in bfloat16.
        const a = integerTensor(dtype, left, given.seed, 5);
        const b = integerTensor(dtype, right, given.seed + 1, 5);
        expectEqual(run(matMul, NN_KERNELS, [a, b])[0], naiveProduct(dtype, result, a, b));
      }),
      { seed: 41, numRuns: 400 },
    );
  });

  it('is exact on integers whose sums fit into 24 bits, whatever the sizes', () => {
    const sizes = fc.tuple(
      fc.integer({ min: 1, max: 19 }),
      fc.integer({ min: 1, max: 70 }),
      fc.integer({ min: 1, max: 19 }),
    );
    fc.assert(
      fc.property(sizes, ([rows, depth, columns]) => {
        const a = integerTensor('float32', [rows, depth], rows, 127);
        const b = integerTensor('float32', [depth, columns], columns, 127);
        expectEqual(run(matMul, NN_KERNELS, [a, b])[0], naiveProduct('float32', [rows, columns], a, b));
      }),
      { seed: 42, numRuns: 60 },
    );
  });

  it('wraps integers around', () => {
    const a = new Tensor('int32', [1, 2], Int32Array.of(2 ** 31 - 1, 2 ** 30));
    const b = new Tensor('int32', [2, 1], Int32Array.of(2 ** 31 - 1, 4));
    expectEqual(run(matMul, NN_KERNELS, [a, b])[0], new Tensor('int32', [1, 1], Int32Array.of(1)));
    const c = new Tensor('uint64', [1, 1], BigUint64Array.of(2n ** 63n + 3n));
    expectEqual(run(matMul, NN_KERNELS, [c, c])[0], new Tensor('uint64', [1, 1], BigUint64Array.of(9n)));
  });

  it('does not let NaN and infinities vanish', () => {
    const a = Tensor.float32([1, 2], [Infinity, 1]);
    const b = Tensor.float32([2, 2], [0, 1, NaN, 1]);
    expectEqual(run(matMul, NN_KERNELS, [a, b])[0], Tensor.float32([1, 2], [NaN, Infinity]));
  });
});

describe('MatMulInteger', () => {
  it('is the exact product of bytes less their zero points', () => {
    const kinds = fc.constantFrom('none', 'scalar', 'list of one', 'lines', 'lines of each matrix');
    const bytes = fc.constantFrom<DType>('int8', 'uint8');
    fc.assert(
      fc.property(matrices, kinds, kinds, bytes, bytes, (given, leftKind, rightKind, leftType, rightType) => {
        const { left, right, result } = dimsOf(given);
        const a = integerTensor(leftType, left, given.seed, 127);
        const b = integerTensor(rightType, right, given.seed + 1, 127);
        const zeros = (dtype: DType, kind: string, dims: readonly number[], inner: number): Tensor | undefined => {
          if (kind === 'none') return undefined;
          const lines = dims.length === 1 ? 1 : dims.at(inner === -1 ? -2 : -1)!;
          const matrix = dims.map((dim, axis) => (axis === dims.length + inner ? 1 : dim));
          const shape =
            kind === 'scalar'
              ? []
              : kind === 'list of one' || dims.length === 1
                ? [1]
                : kind === 'lines'
                  ? [lines]
                  : matrix;
          return integerTensor(dtype, shape, given.seed + 2, 99);
        };
        const aZero = zeros(leftType, leftKind, left, -1);
        const bZero = zeros(rightType, rightKind, right, -2);
        fc.pre((aZero?.size ?? 1) > 0 && (bZero?.size ?? 1) > 0);
        const centredLeft: Factor = (tensor, at) => {
          const zero =
            aZero === undefined
              ? 0
              : aZero.rank === 1
                ? elementAt(aZero, [aZero.size === 1 ? 0 : at.at(-2)!])
                : broadcastAt(aZero, at);
          return plain(tensor, at) - BigInt(zero);
        };
        const centredRight: Factor = (tensor, at) => {
          const zero =
            bZero === undefined
              ? 0
              : bZero.rank === 1
                ? elementAt(bZero, [bZero.size === 1 ? 0 : at.at(-1)!])
                : broadcastAt(bZero, at);
          return plain(tensor, at) - BigInt(zero);
        };
        const expected = naiveProduct('int32', result, a, b, centredLeft, centredRight);
        expectEqual(run(matMulInteger, NN_KERNELS, [a, b, aZero, bZero])[0], expected);
      }),
      { seed: 43, numRuns: 400 },
    );
  });
});

describe('Gemm', () => {
  const cases = fc.record({
    rows: fc.integer({ min: 0, max: 9 }),
    depth: fc.integer({ min: 0, max: 9 }),
    columns: fc.integer({ min: 0, max: 9 }),
    transA: fc.boolean(),
    transB: fc.boolean(),
    alpha: fc.constantFrom(1, 1, 2, -1),
    beta: fc.constantFrom(1, 1, 2, 0),
    addend: fc.constantFrom('none', 'scalar', 'one', 'row', '1 x row', 'column', 'full'),
    dtype: fc.constantFrom<DType>('float32', 'float32', 'float64', 'float16', 'int32', 'uint32', 'int64', 'uint64'),
    seed: fc.nat(1000),
  });

  it('is alpha · A · B + beta · C, in every type', () => {
    fc.assert(
      fc.property(cases, ({ rows, depth, columns, transA, transB, alpha, beta, addend, dtype, seed }) => {
        const a = integerTensor(dtype, transA ? [depth, rows] : [rows, depth], seed, 9);
        const b = integerTensor(dtype, transB ? [columns, depth] : [depth, columns], seed + 1, 9);
        const shapes: Record<string, number[]> = {
          scalar: [],
          one: [1],
          row: [columns],
          '1 x row': [1, columns],
          column: [rows, 1],
          full: [rows, columns],
        };
        const shape = shapes[addend];
        const c = shape && integerTensor(dtype, shape, seed + 2, 99);
        const attrs = {
          transA: Number(transA),
          transB: Number(transB),
          alpha: { float: alpha },
          beta: { float: beta },
        };
        const expected = build(dtype, [rows, columns], ([r = 0, n = 0]) => {
          let sum = 0n;
          for (let k = 0; k < depth; k++) {
            sum += BigInt(elementAt(a, transA ? [k, r] : [r, k])) * BigInt(elementAt(b, transB ? [n, k] : [k, n]));
          }
          const added = c === undefined ? 0n : BigInt(broadcastAt(c, [r, n]));
          const total = BigInt(alpha) * sum + BigInt(beta) * added;
          return dtype === 'int64' || dtype === 'uint64' ? total : Number(total);
        });
        const [y] = run(gemm, NN_KERNELS, c === undefined ? [a, b] : [a, b, c], attrs);
        // Zeros times negative numbers leave -0, which an integer cannot show.
        const shown = y && isFloat(dtype) ? build(dtype, y.dims, (at) => Number(elementAt(y, at)) + 0) : y;
        expectEqual(shown, expected);
      }),
      { seed: 44, numRuns: 400 },
    );
  });

  it('takes fractions for alpha and beta', () => {
    const a = Tensor.float32([1, 2], [1, 2]);
    const b = Tensor.float32([2, 1], [3, 5]);
    const attrs = { alpha: { float: 0.25 }, beta: { float: 0.5 } };
    const [y] = run(gemm, NN_KERNELS, [a, b, Tensor.float32([1], [3])], attrs);
    expectEqual(y, Tensor.float32([1, 1], [13 * 0.25 + 1.5]));
  });

  it('reads no more of the addend than it has', () => {
    const a = new Tensor('int32', [2, 1], Int32Array.of(1, 2));
    const c = new Tensor('int32', [2, 1], Int32Array.of(10, 20));
    const [y] = run(gemm, NN_KERNELS, [a, new Tensor('int32', [1, 2], Int32Array.of(1, -1)), c]);
    expect(y!.toNumbers()).toEqual([11, 9, 22, 18]);
  });
});
