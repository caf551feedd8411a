import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DType } from '../../../src/ir/dtype.js';
import { convTranspose } from '../../../src/ir/ops/quantised/operators.js';
import { INTEGER_KERNELS } from '../../../src/runtime/integer/index.js';
import { inferenceTable } from '../../support/inference-table.js';
import { tensorOf } from '../../support/random-tensors.js';
import { run } from '../../support/run-operator.js';

const KERNELS = INTEGER_KERNELS.map(([name, kernel]) => [name.slice(2), kernel] as const);
const pair = (min: number, max: number): fc.Arbitrary<[number, number]> =>
  fc.tuple(fc.integer({ min, max }), fc.integer({ min, max }));

const transposed = fc
  .record({
    batch: fc.integer({ min: 1, max: 2 }),
    group: fc.integer({ min: 1, max: 3 }),
    channels: fc.integer({ min: 1, max: 3 }),
    filters: fc.integer({ min: 1, max: 3 }),
    map: pair(1, 4),
    kernel: pair(1, 4),
    strides: pair(1, 3),
    dilations: pair(1, 3),
    pads: fc.tuple(...[0, 1, 2, 3].map(() => fc.nat({ max: 2 }))),
    more: pair(0, 2),
    x: fc.constantFrom<DType>('int8', 'uint8', 'int16'),
    w: fc.constantFrom<DType>('int8', 'int4', 'int2'),
  })
  .map((c) => {
    const padding = [0, 1].map((axis) => Math.min(c.more[axis]!, Math.max(c.strides[axis]!, c.dilations[axis]!) - 1));
    const size = [0, 1].map(
      (axis) =>
        (c.map[axis]! - 1) * c.strides[axis]! +
        (c.kernel[axis]! - 1) * c.dilations[axis]! +
        1 +
        padding[axis]! -
        c.pads[axis]! -
        c.pads[axis + 2]!,
    );
    return { ...c, padding, size };
  })
  .filter(({ size }) => size.every((side) => side > 0))
  .chain((c) =>
    fc.record({
      c: fc.constant(c),
      x: tensorOf(c.x, [c.batch, c.group * c.channels, ...c.map]),
      w: tensorOf(c.w, [c.group * c.channels, c.filters, ...c.kernel]),
    }),
  );

type Transposed = typeof transposed extends fc.Arbitrary<infer T> ? T : never;

/** Every datum adds its product with every tap to the element it lands on. */
function naive({ c, x, w }: Transposed): number[] {
  const outputs = c.group * c.filters;
  const [height = 0, width = 0] = c.size;
  const sums = new Array<bigint>(c.batch * outputs * height * width).fill(0n);
  for (let n = 0; n < c.batch; n++)
    for (let k = 0; k < c.group * c.channels; k++)
      for (let m = 0; m < c.filters; m++)
        for (let iy = 0; iy < c.map[0]; iy++)
          for (let ix = 0; ix < c.map[1]; ix++)
            for (let ky = 0; ky < c.kernel[0]; ky++)
              for (let kx = 0; kx < c.kernel[1]; kx++) {
                const oy = iy * c.strides[0] + ky * c.dilations[0] - c.pads[0]!;
                const ox = ix * c.strides[1] + kx * c.dilations[1] - c.pads[1]!;
                if (oy < 0 || ox < 0 || oy >= height || ox >= width) continue;
                const datum = x.data[((n * c.group * c.channels + k) * c.map[0] + iy) * c.map[1] + ix]!;
                const weight = w.data[((k * c.filters + m) * c.kernel[0] + ky) * c.kernel[1] + kx]!;
                const channel = Math.floor(k / c.channels) * c.filters + m;
                sums[((n * outputs + channel) * height + oy) * width + ox]! += BigInt(datum) * BigInt(weight);
              }
  return sums.map(Number);
}

describe('q.ConvTranspose', () => {
  it('equals the scattered products of its definition', () => {
    fc.assert(
      fc.property(transposed, (sample) => {
        const { c, x, w } = sample;
        const attrs = {
          strides: c.strides,
          pads: c.pads,
          dilations: c.dilations,
          group: c.group,
          output_padding: c.padding,
        };
        const [result] = run(convTranspose, KERNELS, [x, w], attrs);
        expect(result?.dims).toEqual([c.batch, c.group * c.filters, ...c.size]);
        expect(result?.toNumbers()).toEqual(naive(sample));
      }),
      { seed: 41, numRuns: 300 },
    );
  });

  const attrs = { strides: [2, 1], pads: [1, 0, 0, 1], dilations: [1, 2], group: 2, output_padding: [1, 0] };
  const x = { dtype: 'uint8' as const, shape: ['N', 4, 3, 'W'] };
  const w = { dtype: 'int4' as const, shape: [4, 3, 3, 2] };
  inferenceTable(convTranspose, [
    { title: 'sizes', inputs: [x, w], attrs, gives: ['N', 6, 7, '?1'] },
    {
      title: 'weights for other channels',
      inputs: [x, { dtype: 'int8', shape: [2, 3, 3, 2] }],
      attrs,
      fault: ['shape-mismatch', '4 channels of data'],
    },
    {
      title: 'a weight of an accumulator',
      inputs: [x, { dtype: 'int32', shape: [4, 3, 3, 2] }],
      attrs,
      fault: ['unsupported-type', 'input 1 of ConvTranspose is int32, accepted: int8, int4, int2'],
    },
    {
      title: 'one spatial axis',
      inputs: [{ dtype: 'int8', shape: ['N', 4, 3] }, w],
      attrs,
      fault: ['shape-mismatch', 'rank 4 is accepted'],
    },
  ]);
});
