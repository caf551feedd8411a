import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseGraph } from '../../../src/ir/text/parse.js';
import { sizeOf } from '../../../src/ir/shape.js';
import { Tensor } from '../../../src/ir/tensor.js';
import { TINPU_KERNELS, TINPU_OPERATORS } from '../../../src/backends/tinpu/dialect.js';
import { prepare } from '../../../src/runtime/executor.js';
import { coordinatesOf } from '../../support/naive-tensor.js';
import { broadcastElement } from '../../support/random-tensors.js';
import { onDirtyMemory } from '../../support/run-operator.js';

/** Results are not to depend on what the memory held before. */
const KERNELS = onDirtyMemory(TINPU_KERNELS);

const run = (text: string, x: Tensor): number[] => {
  const graph = parseGraph(text, TINPU_OPERATORS);
  return (
    prepare(graph, KERNELS)
      .run(new Map([['x', x]]))
      .get('y')
      ?.toNumbers() ?? []
  );
};

const int8s = (length: number): fc.Arbitrary<number[]> =>
  fc.array(fc.integer({ min: -128, max: 127 }), { minLength: length, maxLength: length });

/** A small convolution: sizes, attributes, data. */
const convolution = fc
  .record({
    batch: fc.integer({ min: 1, max: 2 }),
    group: fc.integer({ min: 1, max: 3 }),
    perGroup: fc.integer({ min: 1, max: 3 }),
    outPerGroup: fc.integer({ min: 1, max: 3 }),
    height: fc.integer({ min: 1, max: 9 }),
    width: fc.integer({ min: 1, max: 9 }),
    kernel: fc.tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 4 })),
    strides: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 })),
    dilations: fc.tuple(fc.integer({ min: 1, max: 2 }), fc.integer({ min: 1, max: 2 })),
    pads: fc.tuple(...[0, 1, 2, 3].map(() => fc.integer({ min: 0, max: 3 }))),
  })
  .filter(({ height, width, kernel, dilations, pads }) => {
    const [top = 0, left = 0, bottom = 0, right = 0] = pads;
    return (
      height + top + bottom >= (kernel[0] - 1) * dilations[0] + 1 &&
      width + left + right >= (kernel[1] - 1) * dilations[1] + 1
    );
  })
  .chain((c) =>
    fc.record({
      c: fc.constant(c),
      x: int8s(c.batch * c.group * c.perGroup * c.height * c.width),
      w: int8s(c.group * c.outPerGroup * c.perGroup * c.kernel[0] * c.kernel[1]),
    }),
  );

type Convolution = typeof convolution extends fc.Arbitrary<infer T> ? T : never;

/** The sum of products straight from the definition. */
function naive({ c, x, w }: Convolution): number[] {
  const [top = 0, left = 0, bottom = 0, right = 0] = c.pads;
  const outHeight = Math.floor((c.height + top + bottom - (c.kernel[0] - 1) * c.dilations[0] - 1) / c.strides[0]) + 1;
  const outWidth = Math.floor((c.width + left + right - (c.kernel[1] - 1) * c.dilations[1] - 1) / c.strides[1]) + 1;
  const result: number[] = [];
  for (let n = 0; n < c.batch; n++)
    for (let m = 0; m < c.group * c.outPerGroup; m++)
      for (let oy = 0; oy < outHeight; oy++)
        for (let ox = 0; ox < outWidth; ox++) {
          let sum = 0;
          for (let k = 0; k < c.perGroup; k++)
            for (let ky = 0; ky < c.kernel[0]; ky++)
              for (let kx = 0; kx < c.kernel[1]; kx++) {
                const iy = oy * c.strides[0] + ky * c.dilations[0] - top;
                const ix = ox * c.strides[1] + kx * c.dilations[1] - left;
                if (iy < 0 || ix < 0 || iy >= c.height || ix >= c.width) continue;
                const channel = Math.floor(m / c.outPerGroup) * c.perGroup + k;
                const value = x[((n * c.group * c.perGroup + channel) * c.height + iy) * c.width + ix] ?? NaN;
                sum += value * (w[((m * c.perGroup + k) * c.kernel[0] + ky) * c.kernel[1] + kx] ?? NaN);
              }
          result.push(sum);
        }
  return result;
}

const list = (values: readonly number[]): string => `[${values.join(', ')}]`;

describe('q.Conv', () => {
  it('equals the sum of products of its definition', () => {
    fc.assert(
      fc.property(convolution, (sample) => {
        const { c, x, w } = sample;
        const channels = c.group * c.perGroup;
        const text = `graph "g"
input %x: int8[${c.batch},${channels},${c.height},${c.width}]
const %w: int8[${c.group * c.outPerGroup},${c.perGroup},${c.kernel[0]},${c.kernel[1]}] = ${list(w)}
%y = q.Conv(%x, %w) {strides = ${list(c.strides)}, pads = ${list(c.pads)}, dilations = ${list(c.dilations)}, group = ${c.group}}
output "y" = %y`;
        const input = new Tensor('int8', [c.batch, channels, c.height, c.width], Int8Array.from(x));
        expect(run(text, input)).toEqual(naive(sample));
      }),
      { seed: 20, numRuns: 300 },
    );
  });
});

describe('q.GlobalSum', () => {
  it('equals a depthwise q.Conv of the whole map with all-ones weights', () => {
    const x = new Tensor(
      'uint8',
      [2, 3, 4, 5],
      Uint8Array.from({ length: 120 }, (_, i) => (i * 37) % 256),
    );
    const head = 'graph "g"\ninput %x: uint8[2,3,4,5]\n';
    const attrs = '{strides = [1, 1], pads = [0, 0, 0, 0], dilations = [1, 1], group = 3}';
    const whole = `${head}const %w: int2[3,1,4,5] = splat 1\n%y = q.Conv(%x, %w) ${attrs}\noutput "y" = %y`;
    expect(run(`${head}%y = q.GlobalSum(%x)\noutput "y" = %y`, x)).toEqual(run(whole, x));
  });
});

describe('q.MatMul', () => {
  it('equals a 1x1 q.Conv with transposed weights', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 3 }),
        fc.integer({ min: 1, max: 9 }),
        fc.integer({ min: 1, max: 5 }),
        fc.nat(),
        (n, k, m, seed) => {
          const item = (i: number): number => ((i * 2654435761 + seed) >>> 8) % 255;
          const x = new Tensor(
            'uint8',
            [n, k],
            Uint8Array.from({ length: n * k }, (_, i) => item(i)),
          );
          const w = Array.from({ length: k * m }, (_, i) => (item(i + 77) % 255) - 127);
          const transposed = Array.from({ length: m * k }, (_, i) => w[(i % k) * m + Math.floor(i / k)] ?? NaN);
          const product = `graph "g"\ninput %x: uint8[${n},${k}]\nconst %w: int8[${k},${m}] = ${list(w)}
%y = q.MatMul(%x, %w)\noutput "y" = %y`;
          const conv = `graph "g"\ninput %x: uint8[${n},${k},1,1]\nconst %w: int8[${m},${k},1,1] = ${list(transposed)}
%y = q.Conv(%x, %w) {strides = [1, 1], pads = [0, 0, 0, 0], dilations = [1, 1], group = 1}\noutput "y" = %y`;
          expect(run(product, x)).toEqual(run(conv, x.reshape([n, k, 1, 1])));
        },
      ),
      { seed: 22, numRuns: 100 },
    );
  });
});

describe('q.Bnorm', () => {
  it('equals the formula in big integers', () => {
    const int = (min: number, max: number): fc.Arbitrary<number> => fc.integer({ min, max });
    const range = fc.constantFrom<readonly [number, number]>([0, 255], [-128, 127], [-8, 7]);
    const channel = fc.tuple(int(-(2 ** 23), 2 ** 23 - 1), int(1, 255), int(0, 31));
    fc.assert(
      fc.property(
        fc.array(int(-(2 ** 31), 2 ** 31 - 1), { minLength: 12, maxLength: 12 }),
        channel,
        channel,
        fc.tuple(fc.boolean(), fc.boolean(), fc.boolean()),
        range,
        (acc, a, b, shared, [lo, hi]) => {
          const column = (i: number): string =>
            `int32[${shared[i]! ? 1 : 2}] = ${list(shared[i]! ? [a[i]!] : [a[i]!, b[i]!])}`;
          const text = `graph "g"
input %x: int32[2,2,3,1]
const %bias: ${column(0)}
const %scale: ${column(1)}
const %shift: ${column(2)}
%y = q.Bnorm(%x, %bias, %scale, %shift) {lo = ${lo}, hi = ${hi}}
output "y" = %y`;
          const expected = acc.map((value, i) => {
            const [bias, scale, shift] = ([0, 1, 2] as const).map((k) => (shared[k] || i % 6 < 3 ? a[k] : b[k])) as [
              number,
              number,
              number,
            ];
            const shifted = Number(((BigInt(value) + BigInt(bias)) * BigInt(scale)) >> BigInt(shift));
            return Math.min(hi, Math.max(lo, shifted));
          });
          expect(run(text, new Tensor('int32', [2, 2, 3, 1], Int32Array.from(acc)))).toEqual(expected);
        },
      ),
      { seed: 23, numRuns: 500 },
    );
  });
});

/** Floats that hold every bit of their mantissa, and the sizes at which clips and rounding matter. */
const sample = fc.float({ min: -600, max: 600, noNaN: true, noDefaultInfinity: true });

describe('q.InputNorm', () => {
  it('rounds every step to float32, with constants of one entry, for channels, or for elements', () => {
    const dims = [2, 2, 3];
    const constants = fc.constantFrom<readonly (readonly number[])[]>(
      [[1], [2, 1], [2, 3]],
      [[2, 1], [3], [1]],
      [
        [1, 2, 3],
        [1, 2, 1],
        [1, 1, 3],
      ],
    );
    const list12 = fc.array(sample, { minLength: 12, maxLength: 12 });
    const factors = fc.array(fc.integer({ min: -4095, max: 4095 }), { minLength: 6, maxLength: 6 });
    const shifts = fc.array(fc.integer({ min: 0, max: 14 }), { minLength: 6, maxLength: 6 });
    fc.assert(
      fc.property(constants, list12, list12, factors, shifts, fc.boolean(), (shapes, x, b, m, n, signed) => {
        const [lo, hi] = signed ? [-128, 127] : [0, 255];
        const values = [b, m, n].map((elements, i) => elements.slice(0, sizeOf(shapes[i]!)));
        const constantText = (name: string, i: number, dtype: string): string =>
          `const %${name}: ${dtype}[${shapes[i]!.join(',')}] = ${list(values[i]!)}`;
        const text = `graph "g"
input %x: float32[${dims.join(',')}]
${constantText('bias', 0, 'float32')}
${constantText('scale', 1, 'float32')}
${constantText('shift', 2, 'int32')}
%y = q.InputNorm(%x, %bias, %scale, %shift) {lo = ${lo}, hi = ${hi}}
output "y" = %y`;
        const f = Math.fround;
        const expected = x.map((value, place) => {
          const at = coordinatesOf(place, dims);
          const [bias, scale, shift] = [0, 1, 2].map((i) =>
            Number(broadcastElement(Tensor.float32(shapes[i]!, values[i]!), at)),
          ) as [number, number, number];
          // Integers have one zero.
          return Math.min(hi, Math.max(lo, Math.floor(f(f(f(value + bias) * scale) / 2 ** shift)))) + 0;
        });
        expect(run(text, Tensor.float32(dims, x))).toEqual(expected);
      }),
      { seed: 24, numRuns: 300 },
    );
  });
});

describe('q.Dequantize', () => {
  it('multiplies with the scale rounded to float32, and rounds the product', () => {
    fc.assert(
      fc.property(int8s(6), fc.double({ min: 2 ** -20, max: 4, noNaN: true }), (x, scale) => {
        const text = `graph "g"\ninput %x: int8[2,3]\n%y = q.Dequantize(%x) {scale = ${scale}}\noutput "y" = %y`;
        const expected = x.map((value) => Math.fround(value * Math.fround(scale)));
        expect(run(text, new Tensor('int8', [2, 3], Int8Array.from(x)))).toEqual(expected);
      }),
      { seed: 26, numRuns: 200 },
    );
  });
});
