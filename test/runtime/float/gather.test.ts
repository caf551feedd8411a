import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { gather, gatherElements, gatherND } from '../../../src/ir/ops/gather.js';
import { isFloat, type DType } from '../../../src/ir/dtype.js';
import { OperatorFault, type Operator } from '../../../src/ir/ops/operator.js';
import { scatterElements, scatterND } from '../../../src/ir/ops/scatter.js';
import { nonZero, oneHot, reverseSequence, trilu } from '../../../src/ir/ops/select.js';
import { sizeOf } from '../../../src/ir/shape.js';
import { Tensor } from '../../../src/ir/tensor.js';
import { SHAPE_KERNELS } from '../../../src/runtime/float/shape-ops.js';
import { ExecutionFault } from '../../../src/runtime/kernel.js';
import {
  anyDType,
  build,
  coordinatesOf,
  dimsOf,
  distinct,
  elementAt,
  expectEqual,
} from '../../support/naive-tensor.js';
import { execute, run, type AttributeInputs } from '../../support/run-operator.js';

const compute = (spec: Operator, inputs: readonly Tensor[], attrs: AttributeInputs = {}): Tensor | undefined =>
  run(spec, SHAPE_KERNELS, inputs, attrs)[0];
const sample = { numRuns: 300, seed: 30 };

/** Indices into an axis, some counted from its end, as int32 or int64. */
function indexTensor(dims: readonly number[], draws: readonly number[], size: number): Tensor {
  const values = Array.from({ length: sizeOf(dims) }, (_, i) => ((draws[i % draws.length] ?? 0) % (2 * size)) - size);
  return draws.length % 2 === 0
    ? new Tensor('int32', dims, Int32Array.from(values))
    : new Tensor('int64', dims, BigInt64Array.from(values, BigInt));
}
const draws = fc.array(fc.nat({ max: 1000 }), { minLength: 1, maxLength: 30 });
const wrap = (index: number | bigint, size: number): number => (Number(index) + size) % size;

const indexed = dimsOf({ minRank: 1, min: 1 }).chain((dims) =>
  fc.record({ dtype: anyDType, dims: fc.constant(dims), axis: fc.nat({ max: dims.length - 1 }), draws }),
);

describe('Gather', () => {
  it('picks along an axis', () => {
    fc.assert(
      fc.property(indexed, dimsOf({ maxRank: 2 }), fc.boolean(), ({ dtype, dims, axis, draws }, shape, negative) => {
        const data = distinct(dtype, dims);
        const size = dims[axis] ?? 1;
        const indices = indexTensor(shape, draws, size);
        const wanted = build(dtype, dims.toSpliced(axis, 1, ...shape), (at) =>
          elementAt(
            data,
            at.toSpliced(axis, shape.length, wrap(elementAt(indices, at.slice(axis, axis + shape.length)), size)),
          ),
        );
        expectEqual(compute(gather, [data, indices], { axis: negative ? axis - dims.length : axis }), wanted);
      }),
      sample,
    );
  });

  it.each([3, -4])('refuses index %i into an axis of 3', (index) => {
    const inputs = [distinct('float32', [3]), Tensor.int64([index])];
    expect(() => compute(gather, inputs)).toThrow(OperatorFault);
    expect(() => execute(gather, SHAPE_KERNELS, inputs)).toThrow(ExecutionFault);
    expect(() => execute(gather, SHAPE_KERNELS, inputs)).toThrow('-3 to 2');
  });

  it('refuses any index into an empty axis', () => {
    const inputs = [distinct('float32', [0]), Tensor.int64([0])];
    expect(() => execute(gather, SHAPE_KERNELS, inputs)).toThrow('the axis is empty');
  });
});

describe('GatherElements and ScatterElements', () => {
  it('pick along an axis', () => {
    const cases = indexed.chain((given) =>
      fc.record({
        given: fc.constant(given),
        shape: fc.tuple(...given.dims.map((size, a) => fc.integer({ min: 0, max: a === given.axis ? 6 : size }))),
      }),
    );
    fc.assert(
      fc.property(cases, ({ given: { dtype, dims, axis, draws }, shape }) => {
        const data = distinct(dtype, dims);
        const size = dims[axis] ?? 1;
        const indices = indexTensor(shape, draws, size);
        const wanted = build(dtype, shape, (at) => elementAt(data, at.with(axis, wrap(elementAt(indices, at), size))));
        expectEqual(compute(gatherElements, [data, indices], { axis }), wanted);
      }),
      sample,
    );
  });

  it('replace and reduce', () => {
    const cases = indexed.chain((given) =>
      fc.record({ given: fc.constant(given), reduction: fc.constantFrom('none', 'add', 'mul', 'max', 'min') }),
    );
    fc.assert(
      fc.property(cases, ({ given: { dims, axis, draws }, reduction }) => {
        for (const dtype of ['float32', 'int64', 'int8', 'int32'] as const) {
          const data = distinct(dtype, dims);
          const indices = indexTensor(dims, draws, dims[axis] ?? 1);
          const updates = distinct(dtype, dims);
          const wanted = build(dtype, dims, (at) => elementAt(data, at));
          const cells = wanted.data as Record<number, number | bigint>;
          for (let i = 0; i < indices.size; i++) {
            const at = coordinatesOf(i, dims);
            const target = at.with(axis, wrap(indices.data[i] ?? 0, dims[axis] ?? 1));
            const place = target.reduce((sum, position, a) => sum * (dims[a] ?? 1) + position, 0);
            const old = cells[place] ?? 0;
            const update = updates.data[i] ?? 0;
            cells[place] = combine(reduction, dtype, old, update);
          }
          expectEqual(compute(scatterElements, [data, indices, updates], { axis, reduction }), wanted);
        }
      }),
      { numRuns: 100, seed: 31 },
    );
  });

  function combine(reduction: string, dtype: DType, old: number | bigint, update: number | bigint): number | bigint {
    if (reduction === 'none') return update;
    if (reduction === 'max' || reduction === 'min') {
      if (typeof old === 'number') return Math[reduction](old, Number(update));
      return (reduction === 'max') === old > update ? old : update;
    }
    if (typeof old === 'number' && isFloat(dtype))
      return reduction === 'add' ? old + Number(update) : old * Number(update);
    const exact = reduction === 'add' ? BigInt(old) + BigInt(update) : BigInt(old) * BigInt(update);
    return typeof old === 'bigint' ? exact : Number(BigInt.asIntN(32, exact));
  }

  it('32-bit products wrap', () => {
    const data = new Tensor('int32', [1], Int32Array.of(0x7fffffff));
    const updates = new Tensor('int32', [1], Int32Array.of(0x7fffffff));
    const [zero] = [Tensor.int64([0])];
    expect(compute(scatterElements, [data, zero, updates], { reduction: 'mul' })?.toNumbers()).toEqual([1]);
  });

  it('leave the data as they are', () => {
    const data = distinct('float32', [3]);
    compute(scatterElements, [data, Tensor.int64([0]), Tensor.float32([1], [9])]);
    expectEqual(data, distinct('float32', [3]));
  });
});

describe('GatherND and ScatterND', () => {
  const cases = dimsOf({ minRank: 1, min: 1 }).chain((dims) =>
    fc.nat({ max: dims.length - 1 }).chain((batch) =>
      fc.record({
        dtype: anyDType,
        dims: fc.constant(dims),
        batch: fc.constant(batch),
        tuple: fc.integer({ min: 0, max: dims.length - batch }),
        outer: dimsOf({ maxRank: 2 }),
        draws,
      }),
    ),
  );
  const tuples = (
    dims: readonly number[],
    shape: readonly number[],
    tuple: number,
    values: readonly number[],
  ): Tensor =>
    build('int64', [...shape, tuple], (at) => {
      const place = at.reduce((sum, position) => sum * 7 + position, 0);
      const size = dims[at.at(-1) ?? 0] ?? 1;
      return BigInt(((values[place % values.length] ?? 0) % (2 * size)) - size);
    });

  it('pick slices', () => {
    fc.assert(
      fc.property(cases, ({ dtype, dims, batch, tuple, outer, draws }) => {
        const data = distinct(dtype, dims);
        const shape = [...dims.slice(0, batch), ...outer];
        const indexedDims = dims.slice(batch, batch + tuple);
        const indices = tuples(indexedDims, shape, tuple, draws);
        const wanted = build(dtype, [...shape, ...dims.slice(batch + tuple)], (at) => {
          const head = at.slice(0, shape.length);
          const index = indexedDims.map((size, a) => wrap(elementAt(indices, [...head, a]), size));
          return elementAt(data, [...head.slice(0, batch), ...index, ...at.slice(shape.length)]);
        });
        expectEqual(compute(gatherND, [data, indices], { batch_dims: batch }), wanted);
      }),
      sample,
    );
  });

  it('replace slices, the last one winning', () => {
    const data = distinct('float64', [3, 2]);
    const indices = new Tensor('int64', [3, 1], BigInt64Array.of(0n, -1n, 0n));
    const updates = new Tensor('float64', [3, 2], Float64Array.of(1, 2, 3, 4, 5, 6));
    expect(compute(scatterND, [data, indices, updates])?.toNumbers()).toEqual([5, 6, 0.5, -0, 3, 4]);
    expect(compute(scatterND, [data, indices, updates], { reduction: 'add' })?.toNumbers()).toEqual([
      6, 7.75, 0.5, -0, 4, 2.75,
    ]);
  });

  it('refuse a coordinate outside', () => {
    const indices = new Tensor('int64', [1, 2], BigInt64Array.of(0n, 2n));
    expect(() => compute(gatherND, [distinct('int8', [2, 2]), indices])).toThrow(ExecutionFault);
  });
});

describe('Trilu', () => {
  it('keeps a triangle', () => {
    const cases = fc.tuple(anyDType, dimsOf({ minRank: 2 }), fc.integer({ min: -7, max: 7 }), fc.constantFrom(0, 1));
    fc.assert(
      fc.property(cases, ([dtype, dims, k, upper]) => {
        const data = distinct(dtype, dims);
        const zero = elementAt(Tensor.zeros(dtype, [1]), [0]);
        const wanted = build(dtype, dims, (at) => {
          const [row = 0, column = 0] = at.slice(-2);
          return (upper === 1 ? column - row >= k : column - row <= k) ? elementAt(data, at) : zero;
        });
        expectEqual(compute(trilu, [data, new Tensor('int64', [], BigInt64Array.of(BigInt(k)))], { upper }), wanted);
      }),
      sample,
    );
  });

  it('takes a diagonal far outside', () => {
    const data = distinct('float32', [2, 2]);
    const far = new Tensor('int64', [], BigInt64Array.of(-(2n ** 63n)));
    expectEqual(compute(trilu, [data, far]), data);
    expectEqual(compute(trilu, [data, far], { upper: 0 }), Tensor.zeros('float32', [2, 2]));
  });
});

describe('NonZero, OneHot and ReverseSequence', () => {
  it('NonZero lists coordinates in row-major order', () => {
    const data = Tensor.float32([2, 3], [0, 1, -0, NaN, 0, 2]);
    expectEqual(compute(nonZero, [data]), new Tensor('int64', [2, 3], BigInt64Array.of(0n, 1n, 1n, 1n, 0n, 2n)));
    expect(compute(nonZero, [Tensor.zeros('int64', [0, 2])])?.dims).toEqual([2, 0]);
    expect(compute(nonZero, [Tensor.int64(5)])?.dims).toEqual([0, 1]);
  });

  it('OneHot marks along any axis', () => {
    const cases = fc.tuple(anyDType, dimsOf({ maxRank: 3 }), fc.integer({ min: 1, max: 4 }), fc.nat(), draws);
    fc.assert(
      fc.property(cases, ([dtype, dims, depth, pick, values]) => {
        const axis = pick % (dims.length + 1);
        const indices = build('int64', dims, (at) => {
          const place = at.reduce((sum, position) => sum * 5 + position, 0);
          return BigInt(((values[place % values.length] ?? 0) % (4 * depth)) - 2 * depth);
        });
        const pair = distinct(dtype, [2]);
        const wanted = build(dtype, dims.toSpliced(axis, 0, depth), (at) => {
          const index = Number(elementAt(indices, at.toSpliced(axis, 1)));
          return elementAt(pair, [index === at[axis] || index + depth === at[axis] ? 1 : 0]);
        });
        expectEqual(compute(oneHot, [indices, Tensor.int64(depth), pair], { axis }), wanted);
      }),
      sample,
    );
  });

  it.each([0, 1])('ReverseSequence with batch axis %i', (batchAxis) => {
    const cases = fc.tuple(anyDType, dimsOf({ minRank: 2 }), draws);
    fc.assert(
      fc.property(cases, ([dtype, dims, values]) => {
        const data = distinct(dtype, dims);
        const times = dims[1 - batchAxis] ?? 0;
        const lengths = Array.from(
          { length: dims[batchAxis] ?? 0 },
          (_, i) => (values[i % values.length] ?? 0) % (times + 1),
        );
        const wanted = build(dtype, dims, (at) => {
          const length = lengths[at[batchAxis] ?? 0] ?? 0;
          const time = at[1 - batchAxis] ?? 0;
          return elementAt(data, at.with(1 - batchAxis, time < length ? length - 1 - time : time));
        });
        const attrs = { batch_axis: batchAxis, time_axis: 1 - batchAxis };
        expectEqual(compute(reverseSequence, [data, Tensor.int64(lengths)], attrs), wanted);
      }),
      sample,
    );
  });

  it('ReverseSequence refuses a length beyond the time axis', () => {
    expect(() => compute(reverseSequence, [distinct('int8', [2, 1]), Tensor.int64([3])])).toThrow('0 to 2');
  });
});
