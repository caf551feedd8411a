import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { concat } from '../../../src/ir/ops/concat.js';
import { expand, tile } from '../../../src/ir/ops/expand.js';
import { pad } from '../../../src/ir/ops/pad.js';
import { flatten, reshape } from '../../../src/ir/ops/reshape.js';
import { slice } from '../../../src/ir/ops/slice.js';
import { split } from '../../../src/ir/ops/split.js';
import { squeeze, unsqueeze } from '../../../src/ir/ops/squeeze.js';
import { depthToSpace, spaceToDepth, transpose } from '../../../src/ir/ops/transpose.js';
import type { Operator } from '../../../src/ir/ops/operator.js';
import { broadcastShapes } from '../../../src/ir/shape.js';
import { Tensor } from '../../../src/ir/tensor.js';
import { SHAPE_KERNELS } from '../../../src/runtime/float/shape-ops.js';
import { anyDType, build, dimsOf, distinct, elementAt, expectEqual } from '../../support/naive-tensor.js';
import { run, type AttributeInputs } from '../../support/run-operator.js';

const compute = (
  spec: Operator,
  inputs: readonly (Tensor | undefined)[],
  attrs: AttributeInputs = {},
  outputs = 1,
): readonly Tensor[] => run(spec, SHAPE_KERNELS, inputs, attrs, outputs);
const list = (...values: number[]): Tensor => Tensor.int64(values);
const sample = { numRuns: 300, seed: 20 };

describe('views', () => {
  it('share their elements', () => {
    const data = distinct('float32', [2, 1, 6]);
    const views = [
      compute(reshape, [data, list(3, -1)]),
      compute(flatten, [data], { axis: -1 }),
      compute(squeeze, [data]),
      compute(unsqueeze, [data, list(0, -1)]),
    ].map(([view]) => view);
    expect(views.map((view) => view?.dims)).toEqual([
      [3, 4],
      [2, 6],
      [2, 6],
      [1, 2, 1, 6, 1],
    ]);
    for (const view of views) expect(view?.data).toBe(data.data);
  });
});

describe('Transpose', () => {
  it('permutes axes', () => {
    const cases = dimsOf().chain((dims) =>
      fc.record({
        dtype: anyDType,
        dims: fc.constant(dims),
        perm: fc.shuffledSubarray([...dims.keys()], { minLength: dims.length }),
      }),
    );
    fc.assert(
      fc.property(cases, ({ dtype, dims, perm }) => {
        const data = distinct(dtype, dims);
        const result = perm.map((axis) => dims[axis] ?? 1);
        const wanted = build(dtype, result, (at) => {
          const from: number[] = [];
          for (const [i, axis] of perm.entries()) from[axis] = at[i] ?? 0;
          return elementAt(data, from);
        });
        expectEqual(compute(transpose, [data], { perm })[0], wanted);
      }),
      sample,
    );
  });

  it.each([
    [
      [2, 3, 37, 41],
      [0, 2, 3, 1],
    ],
    [
      [2, 37, 41, 3],
      [0, 3, 1, 2],
    ],
    [
      [70, 33],
      [1, 0],
    ],
    [
      [33, 70, 5],
      [2, 1, 0],
    ],
    [
      [1, 64, 65],
      [0, 2, 1],
    ],
  ])('of %j by %j crosses the tiles', (dims, perm) => {
    for (const dtype of ['uint8', 'float32', 'int64'] as const) {
      const data = distinct(dtype, dims);
      const wanted = build(
        dtype,
        perm.map((axis) => dims[axis] ?? 1),
        (at) => {
          const from: number[] = [];
          for (const [i, axis] of perm.entries()) from[axis] = at[i] ?? 0;
          return elementAt(data, from);
        },
      );
      expectEqual(compute(transpose, [data], { perm })[0], wanted);
    }
  });

  it('shares the elements when only axes of size 1 move', () => {
    const data = distinct('float32', [1, 3, 1, 4]);
    expect(compute(transpose, [data], { perm: [1, 0, 3, 2] })[0]?.data).toBe(data.data);
    expect(compute(transpose, [data], { perm: [3, 0, 1, 2] })[0]?.data).not.toBe(data.data);
  });

  it('keeps the bits of NaN', () => {
    const bits = Uint32Array.of(0x7fc12345, 0xffc00001, 0x7f800001, 0x80000000);
    const data = new Tensor('float32', [2, 2], new Float32Array(bits.buffer));
    const [result] = compute(transpose, [data]);
    expect([...new Uint32Array(result?.data.buffer ?? new ArrayBuffer(0))]).toEqual([
      0x7fc12345, 0x7f800001, 0xffc00001, 0x80000000,
    ]);
  });
});

describe('DepthToSpace and SpaceToDepth', () => {
  const cases = fc.record({
    dtype: anyDType,
    block: fc.integer({ min: 1, max: 3 }),
    dims: fc.tuple(...[0, 1, 0, 1].map((min) => fc.integer({ min, max: 3 }))),
    mode: fc.constantFrom('DCR', 'CRD'),
  });
  it('spread channels over blocks', () => {
    fc.assert(
      fc.property(cases, ({ dtype, block, dims: [n, c, h, w], mode }) => {
        const data = distinct(dtype, [n ?? 0, (c ?? 0) * block * block, h ?? 0, w ?? 0]);
        const wanted = build(
          dtype,
          [n ?? 0, c ?? 0, (h ?? 0) * block, (w ?? 0) * block],
          ([b = 0, k = 0, y = 0, x = 0]) => {
            const offset = (y % block) * block + (x % block);
            const channel = mode === 'DCR' ? offset * (c ?? 0) + k : k * block * block + offset;
            return elementAt(data, [b, channel, Math.floor(y / block), Math.floor(x / block)]);
          },
        );
        expectEqual(compute(depthToSpace, [data], { blocksize: block, mode })[0], wanted);
      }),
      sample,
    );
  });
  it('SpaceToDepth undoes DepthToSpace in DCR mode', () => {
    fc.assert(
      fc.property(cases, ({ dtype, block, dims: [n, c, h, w] }) => {
        const data = distinct(dtype, [n ?? 0, (c ?? 0) * block * block, h ?? 0, w ?? 0]);
        const [spread] = compute(depthToSpace, [data], { blocksize: block });
        expectEqual(compute(spaceToDepth, [spread], { blocksize: block })[0], data);
      }),
      sample,
    );
  });
});

describe('Slice', () => {
  const bound = fc.oneof(
    fc.integer({ min: -7, max: 7 }),
    fc.constantFrom(2 ** 31 - 1, -(2 ** 31), 2 ** 63, -(2 ** 63)),
  );
  const clampInt64 = (value: number): bigint => {
    const integer = BigInt(value);
    return integer === 2n ** 63n ? integer - 1n : integer;
  };
  const int64s = (values: readonly number[]): Tensor =>
    new Tensor('int64', [values.length], BigInt64Array.from(values, clampInt64));

  it('walks from start to before end', () => {
    const axis = fc.record({
      start: bound,
      end: bound,
      step: fc.integer({ min: -3, max: 3 }).filter((step) => step !== 0),
    });
    const cases = dimsOf({ minRank: 1 }).chain((dims) =>
      fc.record({
        dtype: anyDType,
        dims: fc.constant(dims),
        axes: fc.shuffledSubarray([...dims.keys()]),
        walks: fc.array(axis, { minLength: dims.length, maxLength: dims.length }),
        negative: fc.boolean(),
      }),
    );
    fc.assert(
      fc.property(cases, ({ dtype, dims, axes, walks, negative }) => {
        const data = distinct(dtype, dims);
        const picked = dims.map((size, axis) => {
          const walk = walks[axes.indexOf(axis)];
          return walk === undefined ? [...Array(size).keys()] : visitedBy(size, walk.start, walk.end, walk.step);
        });
        const used = walks.slice(0, axes.length);
        const wanted = build(
          dtype,
          picked.map((positions) => positions.length),
          (at) =>
            elementAt(
              data,
              at.map((position, a) => picked[a]?.[position] ?? -1),
            ),
        );
        const inputs = [
          data,
          int64s(used.map(({ start }) => start)),
          int64s(used.map(({ end }) => end)),
          list(...axes.map((a) => (negative ? a - dims.length : a))),
          list(...used.map(({ step }) => step)),
        ];
        expectEqual(compute(slice, inputs)[0], wanted);
      }),
      { numRuns: 600, seed: 21 },
    );
  });

  /** Positions found by walking one step at a time; unlike Python, ONNX moves a start before the axis onto it. */
  function visitedBy(size: number, start: number, end: number, step: number): number[] {
    const from = start < 0 ? start + size : start;
    const to = end < 0 ? end + size : end;
    const visited: number[] = [];
    if (step > 0) {
      for (let i = Math.max(from, 0); i < Math.min(to, size); i += step) visited.push(i);
    } else {
      for (let i = Math.min(Math.max(from, 0), size - 1); i > Math.max(to, -1); i += step) visited.push(i);
    }
    return visited;
  }

  it('shares the elements when nothing is cut', () => {
    const data = distinct('int16', [3, 1]);
    expect(compute(slice, [data, list(0), list(9)])[0]?.data).toBe(data.data);
    expect(compute(slice, [data, list(-1), list(-9), list(0), list(-1)])[0]?.data).not.toBe(data.data);
  });
});

describe('Split and Concat', () => {
  const cases = dimsOf({ minRank: 1 }).chain((dims) =>
    fc.record({
      dtype: anyDType,
      dims: fc.constant(dims),
      axis: fc.integer({ min: -dims.length, max: dims.length - 1 }),
      sizes: fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 1, maxLength: 4 }),
    }),
  );
  it('cut and join', () => {
    fc.assert(
      fc.property(cases, ({ dtype, dims, axis, sizes }) => {
        const normal = axis < 0 ? axis + dims.length : axis;
        const total = sizes.reduce((sum, part) => sum + part, 0);
        const data = distinct(dtype, dims.with(normal, total));
        const parts = compute(split, [data, list(...sizes)], { axis }, sizes.length);
        let offset = 0;
        for (const [i, part] of parts.entries()) {
          const start = offset;
          const wanted = build(dtype, dims.with(normal, sizes[i] ?? 0), (at) =>
            elementAt(data, at.with(normal, (at[normal] ?? 0) + start)),
          );
          expectEqual(part, wanted);
          offset += sizes[i] ?? 0;
        }
        expectEqual(compute(concat, parts, { axis })[0], data);
      }),
      sample,
    );
  });
});

describe('Expand and Tile', () => {
  it('broadcast', () => {
    const pairs = fc.array(
      fc.record({ size: fc.integer({ min: 0, max: 4 }), own: fc.boolean(), other: fc.boolean() }),
      { maxLength: 4 },
    );
    fc.assert(
      fc.property(anyDType, pairs, fc.nat({ max: 4 }), (dtype, axes, dropped) => {
        const own = axes.map(({ size, own: has }) => (has ? size : 1)).slice(dropped);
        const target = axes.map(({ size, other, own: has }) => (other || !has ? size : 1));
        const data = distinct(dtype, own);
        const result = broadcastShapes(own, target) as number[] | undefined;
        fc.pre(result !== undefined);
        const added = result.length - own.length;
        const wanted = build(dtype, result, (at) =>
          elementAt(
            data,
            own.map((size, a) => (size === 1 ? 0 : (at[a + added] ?? 0))),
          ),
        );
        expectEqual(compute(expand, [data, list(...target)])[0], wanted);
      }),
      sample,
    );
  });
  it('repeat', () => {
    const cases = dimsOf().chain((dims) =>
      fc.record({
        dtype: anyDType,
        dims: fc.constant(dims),
        repeats: fc.array(fc.integer({ min: 0, max: 3 }), { minLength: dims.length, maxLength: dims.length }),
      }),
    );
    fc.assert(
      fc.property(cases, ({ dtype, dims, repeats }) => {
        const data = distinct(dtype, dims);
        const wanted = build(
          dtype,
          dims.map((size, a) => size * (repeats[a] ?? 1)),
          (at) =>
            elementAt(
              data,
              at.map((position, a) => position % (dims[a] ?? 1)),
            ),
        );
        expectEqual(compute(tile, [data, list(...repeats)])[0], wanted);
      }),
      sample,
    );
  });
});

describe('Pad', () => {
  it('surrounds and crops', () => {
    const cases = dimsOf({ minRank: 1, maxRank: 3, min: 1 }).chain((dims) =>
      fc.record({
        dtype: anyDType,
        dims: fc.constant(dims),
        mode: fc.constantFrom('constant', 'reflect', 'edge', 'wrap'),
        pads: fc.array(fc.tuple(fc.integer({ min: -2, max: 9 }), fc.integer({ min: -2, max: 9 })), {
          minLength: dims.length,
          maxLength: dims.length,
        }),
        value: fc.boolean(),
      }),
    );
    fc.assert(
      fc.property(cases, ({ dtype, dims, mode, pads, value }) => {
        const kept = dims.map((size, a) => size + Math.min(pads[a]?.[0] ?? 0, 0) + Math.min(pads[a]?.[1] ?? 0, 0));
        fc.pre(kept.every((size) => size >= 1));
        const data = distinct(dtype, dims);
        const fill = distinct(dtype, [2]);
        const element = build(dtype, [], () =>
          value ? elementAt(fill, [1]) : elementAt(Tensor.zeros(dtype, [1]), [0]),
        );
        const result = dims.map((size, a) => size + (pads[a]?.[0] ?? 0) + (pads[a]?.[1] ?? 0));
        const wanted = build(dtype, result, (at) => {
          const from = at.map((position, a) => mirrored(position - Math.max(pads[a]?.[0] ?? 0, 0), kept[a] ?? 1, mode));
          if (from.includes(-1)) return elementAt(element, []);
          return elementAt(
            data,
            from.map((position, a) => position + Math.max(-(pads[a]?.[0] ?? 0), 0)),
          );
        });
        const bounds = list(...pads.map(([before]) => before), ...pads.map(([, after]) => after));
        expectEqual(compute(pad, [data, bounds, value ? element : undefined], { mode })[0], wanted);
      }),
      { numRuns: 600, seed: 22 },
    );
  });

  /** The source position by walking back towards the data one bounce at a time; -1 for the constant. */
  function mirrored(position: number, size: number, mode: string): number {
    let at = position;
    while (at < 0 || at >= size) {
      if (mode === 'constant') return -1;
      if (mode === 'edge' || size === 1) at = Math.min(Math.max(at, 0), size - 1);
      else if (mode === 'wrap') at += at < 0 ? size : -size;
      else at = at < 0 ? -at : 2 * (size - 1) - at;
    }
    return at;
  }

  it('takes axes', () => {
    const data = distinct('float32', [2, 2]);
    const [result] = compute(pad, [data, list(1, 0), undefined, list(-1)]);
    expect(result?.toNumbers()).toEqual([0, 0, -0.25, 0, 0.5, -0]);
  });
});
