import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DType } from '../../../src/ir/dtype.js';
import { conv, convInteger } from '../../../src/ir/ops/conv.js';
import { Tensor } from '../../../src/ir/tensor.js';
import { ExecutionFault } from '../../../src/runtime/kernel.js';
import { NN_KERNELS } from '../../../src/runtime/float/nn.js';
import { integerTensor } from '../../support/integer-tensors.js';
import { build, elementAt, expectEqual } from '../../support/naive-tensor.js';
import {
  autoPadArbitrary,
  axesArbitrary,
  coordinates,
  resolveAxis,
  windowAttributes,
  type ResolvedAxis,
} from '../../support/naive-windows.js';
import { infer, run } from '../../support/run-operator.js';

interface Centres {
  readonly x: number;
  readonly w: (filter: number) => number;
}

/** Y[n, m, o] = B[m] + Σ (X[n, c, i] - centre) · (W[m, c, k] - centre) with i = o · stride + k · dilation - pad. */
function naiveConv(
  dtype: DType,
  x: Tensor,
  w: Tensor,
  bias: Tensor | undefined,
  axes: readonly ResolvedAxis[],
  group: number,
  centres: Centres = { x: 0, w: () => 0 },
): Tensor {
  const [batch = 0] = x.dims;
  const [filters = 0, channels = 0] = w.dims;
  const taps = coordinates([channels, ...axes.map(({ kernel }) => kernel)]);
  return build(dtype, [batch, filters, ...axes.map(({ output }) => output)], ([n = 0, m = 0, ...o]) => {
    let sum = bias === undefined ? 0 : Number(elementAt(bias, [m]));
    for (const [c = 0, ...k] of taps) {
      const i = axes.map(({ stride, dilation, padBegin }, a) => o[a]! * stride + k[a]! * dilation - padBegin);
      if (i.some((position, a) => position < 0 || position >= axes[a]!.input)) continue;
      const channel = Math.floor(m / (filters / group)) * channels + c;
      const datum = Number(elementAt(x, [n, channel, ...i])) - centres.x;
      sum += datum * (Number(elementAt(w, [m, c, ...k])) - centres.w(m));
    }
    return sum;
  });
}

const shapes = fc.record({
  axes: axesArbitrary,
  autoPad: autoPadArbitrary,
  batch: fc.integer({ min: 0, max: 3 }),
  group: fc.integer({ min: 1, max: 3 }),
  channels: fc.integer({ min: 1, max: 3 }),
  filters: fc.integer({ min: 1, max: 6 }),
  seed: fc.nat(1000),
});

describe('Conv', () => {
  it('is the sum of the ONNX text on integers, in every float type', () => {
    const cases = shapes.chain((shape) =>
      fc.record({
        shape: fc.constant(shape),
        bias: fc.boolean(),
        dtype: fc.constantFrom<DType>('float32', 'float32', 'float64', 'float16', 'bfloat16'),
      }),
    );
    fc.assert(
      fc.property(cases, ({ shape: { axes, autoPad, batch, group, channels, filters, seed }, bias, dtype }) => {
        // Products of -1, 0 and 1: sums of at most 3 · 4^3 of them and a bias are exact even in bfloat16.
        const x = integerTensor(dtype, [batch, channels * group, ...axes.map(({ input }) => input)], seed, 1);
        const w = integerTensor(dtype, [filters * group, channels, ...axes.map(({ kernel }) => kernel)], seed + 1, 1);
        const b = bias ? integerTensor(dtype, [filters * group], seed + 2, 9) : undefined;
        const attrs = { ...windowAttributes(axes, autoPad), group };
        const resolved = axes.map((axis) => resolveAxis(axis, autoPad, false));
        if (resolved.some(({ output }) => output < 1)) {
          expect(() => infer(conv, [x, w, b], attrs)).toThrow('does not fit');
          return;
        }
        const [y] = run(conv, NN_KERNELS, [x, w, b], attrs);
        expectEqual(y, naiveConv(dtype, x, w, b, resolved, group));
      }),
      { seed: 11, numRuns: 400 },
    );
  });

  it('is exact on integers whose sums fit into 24 bits, for many channels and depthwise kernels 3 wide', () => {
    const wide = fc.record({
      size: fc.tuple(fc.integer({ min: 3, max: 12 }), fc.integer({ min: 3, max: 14 })),
      stride: fc.integer({ min: 1, max: 2 }),
      pad: fc.integer({ min: 0, max: 1 }),
      kernel: fc.constantFrom([1, 1], [3, 3], [1, 3], [3, 1], [2, 3], [5, 3]),
      channels: fc.constantFrom([1, 1, 8], [1, 2, 5], [16, 9, 1], [7, 17, 1]),
      batch: fc.integer({ min: 1, max: 3 }),
      seed: fc.nat(1000),
    });
    fc.assert(
      fc.property(wide, ({ size, stride, pad, kernel, channels: [channels, filters, group], batch, seed }) => {
        const x = integerTensor('float32', [batch, channels * group, ...size], seed, 127);
        const w = integerTensor('float32', [filters * group, channels, ...kernel], seed + 1, 127);
        const axes = size.map((input, a) => ({
          input,
          kernel: kernel[a]!,
          stride,
          dilation: 1,
          padBegin: pad,
          padEnd: pad,
        }));
        const resolved = axes.map((axis) => resolveAxis(axis, 'NOTSET', false));
        fc.pre(resolved.every(({ output }) => output > 0));
        const [y] = run(conv, NN_KERNELS, [x, w], { ...windowAttributes(axes, 'NOTSET'), group: group });
        expectEqual(y, naiveConv('float32', x, w, undefined, resolved, group));
      }),
      { seed: 12, numRuns: 80 },
    );
  });

  it('gives the bias where there are no channels or only padding', () => {
    const bias = Tensor.float32([2], [3, -4]);
    const [none] = run(conv, NN_KERNELS, [Tensor.float32([1, 0, 2], []), Tensor.float32([2, 0, 1], []), bias]);
    expectEqual(none, Tensor.float32([1, 2, 2], [3, 3, -4, -4]));
    const empty = Tensor.float32([1, 1, 0], []);
    const [padded] = run(conv, NN_KERNELS, [empty, Tensor.float32([2, 1, 2], [1, 1, 1, 1]), bias], { pads: [1, 2] });
    expectEqual(padded, Tensor.float32([1, 2, 2], [3, 3, -4, -4]));
  });

  it('rounds each sum once', () => {
    // In float32 steps the small terms would be lost one by one.
    const x = Tensor.float32([1, 1, 5], [1, 2 ** -25, 2 ** -25, 2 ** -25, 2 ** -25]);
    const [y] = run(conv, NN_KERNELS, [x, Tensor.float32([1, 1, 5], [1, 1, 1, 1, 1])]);
    expectEqual(y, Tensor.float32([1, 1, 1], [1 + 2 ** -23]));
  });

  it('refuses padding that no memory holds', () => {
    const x = Tensor.float32([1, 1, 1, 1], [1]);
    const attrs = { pads: [2 ** 20, 2 ** 20, 2 ** 20, 2 ** 20], strides: [2 ** 20, 2 ** 20] };
    expect(() => run(conv, NN_KERNELS, [x, x], attrs)).toThrow(ExecutionFault);
    expect(() => run(conv, NN_KERNELS, [x, x], attrs)).toThrow('padding a map of 1x1x1 makes it 1x2097153x2097153');
  });
});

describe('ConvInteger', () => {
  it('is the exact sum of bytes less their zero points', () => {
    const bytes = fc.constantFrom<DType>('int8', 'uint8');
    const cases = fc.record({ shape: shapes, xType: bytes, wType: bytes, zeros: fc.constantFrom(0, 1, 2, 3) });
    fc.assert(
      fc.property(cases, ({ shape: { axes, autoPad, batch, group, channels, filters, seed }, xType, wType, zeros }) => {
        const x = integerTensor(xType, [batch, channels * group, ...axes.map(({ input }) => input)], seed, 127);
        const w = integerTensor(wType, [filters * group, channels, ...axes.map(({ kernel }) => kernel)], seed + 1, 127);
        const xZero = zeros > 0 ? integerTensor(xType, zeros === 1 ? [] : [1], seed + 2, 99) : undefined;
        const wDims = zeros === 2 ? [] : [filters * group];
        const wZero = zeros > 1 ? integerTensor(wType, wDims, seed + 3, 99) : undefined;
        const resolved = axes.map((axis) => resolveAxis(axis, autoPad, false));
        fc.pre(resolved.every(({ output }) => output > 0));
        const attrs = { ...windowAttributes(axes, autoPad), group };
        const [y] = run(convInteger, NN_KERNELS, [x, w, xZero, wZero], attrs);
        const centres = {
          x: Number(xZero?.data[0] ?? 0),
          w: (m: number) => Number(wZero?.data[wZero.size === 1 ? 0 : m] ?? 0),
        };
        expectEqual(y, naiveConv('int32', x, w, undefined, resolved, group, centres));
      }),
      { seed: 13, numRuns: 200 },
    );
  });

  it('is exact beyond 24 bits', () => {
    const x = new Tensor('uint8', [1, 1000, 1], new Uint8Array(1000).fill(255));
    const w = new Tensor('uint8', [1, 1000, 1], new Uint8Array(1000).fill(255).fill(254, 999));
    const [y] = run(convInteger, NN_KERNELS, [x, w]);
    expectEqual(y, new Tensor('int32', [1, 1, 1], Int32Array.of(65_025_000 - 255)));
  });
});
