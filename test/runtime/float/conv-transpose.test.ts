import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DType } from '../../../src/ir/dtype.js';
import { convTranspose } from '../../../src/ir/ops/conv-transpose.js';
import { Tensor } from '../../../src/ir/tensor.js';
import { NN_KERNELS } from '../../../src/runtime/float/nn.js';
import { integerTensor } from '../../support/integer-tensors.js';
import { build, elementAt, expectEqual } from '../../support/naive-tensor.js';
import {
  axesArbitrary,
  coordinates,
  extent,
  windowAttributes,
  type DeclaredAxis,
} from '../../support/naive-windows.js';
import { infer, run } from '../../support/run-operator.js';

interface Target extends DeclaredAxis {
  readonly output: number;
}

/** Scatters every datum: Y[n, m, i · stride + k · dilation - pad] += X[n, c, i] · W[c, m, k], where that lies within Y. */
function naiveConvTranspose(
  dtype: DType,
  x: Tensor,
  w: Tensor,
  bias: Tensor | undefined,
  axes: readonly Target[],
  group: number,
): Tensor {
  const [batch = 0, channels = 0] = x.dims;
  const filters = w.dims[1]!;
  const dims = [batch, filters * group, ...axes.map(({ output }) => output)];
  const sums = new Map<string, number>();
  for (const [n = 0, c = 0, ...i] of coordinates(x.dims)) {
    for (const [m = 0, ...k] of coordinates(w.dims.slice(1))) {
      const o = axes.map(({ stride, dilation, padBegin }, a) => i[a]! * stride + k[a]! * dilation - padBegin);
      const key = [n, Math.floor(c / (channels / group)) * filters + m, ...o].join();
      const product = Number(elementAt(x, [n, c, ...i])) * Number(elementAt(w, [c, m, ...k]));
      sums.set(key, (sums.get(key) ?? 0) + product);
    }
  }
  return build(
    dtype,
    dims,
    (at) => (sums.get(at.join()) ?? 0) + (bias === undefined ? 0 : Number(elementAt(bias, [at[1]!]))),
  );
}

/** How the size of the result is declared. */
type Sizing = 'pads' | 'output_shape' | 'SAME_UPPER' | 'SAME_LOWER' | 'VALID';

function targetOf(axis: DeclaredAxis, sizing: Sizing, outputPadding: number, wanted: number): Target {
  const full = axis.stride * (axis.input - 1) + outputPadding + extent(axis);
  if (sizing === 'VALID') return { ...axis, padBegin: 0, output: full };
  if (sizing === 'pads') return { ...axis, output: full - axis.padBegin - axis.padEnd };
  const output = sizing === 'output_shape' ? wanted : axis.input * axis.stride;
  const total = Math.max(full - output, 0);
  return { ...axis, padBegin: sizing === 'SAME_UPPER' ? Math.floor(total / 2) : total - Math.floor(total / 2), output };
}

describe('ConvTranspose', () => {
  it('scatters as the ONNX text says, in every float type', () => {
    const cases = fc.record({
      axes: axesArbitrary,
      paddings: fc.tuple(fc.nat(2), fc.nat(2), fc.nat(2)),
      crops: fc.tuple(fc.nat(3), fc.nat(3), fc.nat(3)),
      sizing: fc.constantFrom<Sizing>('pads', 'pads', 'pads', 'output_shape', 'SAME_UPPER', 'SAME_LOWER', 'VALID'),
      batch: fc.integer({ min: 0, max: 2 }),
      group: fc.integer({ min: 1, max: 3 }),
      channels: fc.integer({ min: 1, max: 2 }),
      filters: fc.integer({ min: 1, max: 5 }),
      bias: fc.boolean(),
      dtype: fc.constantFrom<DType>('float32', 'float32', 'float64', 'float16', 'bfloat16'),
      seed: fc.nat(1000),
    });
    let compared = 0;
    fc.assert(
      fc.property(cases, (given) => {
        const { axes, sizing, batch, group, channels, filters, dtype, seed } = given;
        const x = integerTensor(dtype, [batch, channels * group, ...axes.map(({ input }) => input)], seed, 1);
        const w = integerTensor(dtype, [channels * group, filters, ...axes.map(({ kernel }) => kernel)], seed + 1, 1);
        const b = given.bias ? integerTensor(dtype, [filters * group], seed + 2, 9) : undefined;
        const paddings = axes.map(({ stride, dilation }, a) =>
          Math.min(given.paddings[a]!, Math.max(stride, dilation) - 1),
        );
        const wanted = axes.map((axis, a) => {
          const full = axis.stride * (axis.input - 1) + paddings[a]! + extent(axis);
          return Math.max(full - given.crops[a]!, 1);
        });
        const { pads, ...attributes } = windowAttributes(axes, 'NOTSET');
        const attrs = {
          ...attributes,
          group,
          output_padding: paddings,
          ...(sizing === 'pads' && pads !== undefined && { pads }),
          ...(sizing === 'output_shape' && { output_shape: wanted }),
          ...(sizing !== 'pads' && sizing !== 'output_shape' && { auto_pad: sizing }),
        };
        const targets = axes.map((axis, a) => targetOf(axis, sizing, paddings[a]!, wanted[a]!));
        const reachable = targets.every(
          (target, a) => target.output <= target.stride * (target.input - 1) + paddings[a]! + extent(target),
        );
        if (!reachable || targets.some(({ output }) => output < 1)) {
          expect(() => infer(convTranspose, [x, w, b], attrs)).toThrow(/reaches only|leave/);
          return;
        }
        compared++;
        const [y] = run(convTranspose, NN_KERNELS, [x, w, b], attrs);
        expectEqual(y, naiveConvTranspose(dtype, x, w, b, targets, group));
      }),
      { seed: 21, numRuns: 200 },
    );
    expect(compared).toBeGreaterThan(120);
  });

  it('adds elements at the end for an output_shape beyond the reach of the kernel', () => {
    const x = Tensor.float32([1, 1, 3], [1, 2, 3]);
    const w = Tensor.float32([1, 1, 2], [10, 1]);
    const [y] = run(convTranspose, NN_KERNELS, [x, w, Tensor.float32([1], [7])], { strides: [3], output_shape: [10] });
    expectEqual(y, Tensor.float32([1, 1, 10], [17, 8, 7, 27, 9, 7, 37, 10, 7, 7]));
  });

  it('gives the bias where no data reach', () => {
    const x = Tensor.float32([1, 1, 2], [1, 2]);
    const [y] = run(convTranspose, NN_KERNELS, [x, Tensor.float32([1, 1, 1], [5]), Tensor.float32([1], [3])], {
      strides: [4],
    });
    expectEqual(y, Tensor.float32([1, 1, 5], [8, 3, 3, 3, 13]));
  });
});
