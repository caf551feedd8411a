import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { integerRange, type DType } from '../../../src/ir/dtype.js';
import { OPERATORS } from '../../../src/ir/ops/index.js';
import { qLinearConv, qLinearMatMul } from '../../../src/ir/ops/qlinear.js';
import { uniformSource } from '../../../src/ir/random.js';
import { Tensor } from '../../../src/ir/tensor.js';
import { NN_KERNELS } from '../../../src/runtime/float/nn.js';
import { QLINEAR_KERNELS } from '../../../src/runtime/float/qlinear.js';
import { integerTensor } from '../../support/integer-tensors.js';
import { build } from '../../support/naive-tensor.js';
import { integerDifferences } from '../../support/contrib-node.js';
import { runNodeInOrt } from '../../support/one-node.js';
import { run, type AttributeInputs } from '../../support/run-operator.js';

type Byte = 'int8' | 'uint8';

interface Case {
  readonly op: string;
  readonly inputs: readonly Tensor[];
  readonly attrs: AttributeInputs;
}

const bytes = (dtype: Byte, dims: readonly number[], seed: number): Tensor => {
  const { hi } = integerRange(dtype);
  return integerTensor(dtype, dims, seed, hi);
};
const list = (dtype: DType, dims: readonly number[], value: () => number): Tensor => build(dtype, dims, () => value());
const byte = fc.constantFrom<Byte>('int8', 'uint8');

/** Numbers that every case draws: types, sizes, whether scales are per line, a seed. */
const numbers = fc.record({
  x: byte,
  w: byte,
  batch: fc.integer({ min: 1, max: 2 }),
  rows: fc.integer({ min: 1, max: 6 }),
  columns: fc.integer({ min: 1, max: 6 }),
  depth: fc.integer({ min: 1, max: 9 }),
  perLine: fc.boolean(),
  seed: fc.integer({ min: 1, max: 1e6 }),
  group: fc.integer({ min: 1, max: 2 }),
  pad: fc.integer({ min: 0, max: 1 }),
  stride: fc.integer({ min: 1, max: 2 }),
  biased: fc.boolean(),
});

const point = (dtype: Byte, seed: number, dims: readonly number[] = []): Tensor => {
  const next = uniformSource(seed);
  return list(dtype, dims, () => Math.round(dtype === 'int8' ? 9 * next() : 120 + 9 * next()));
};
const scale = (seed: number, dims: readonly number[] = []): Tensor => {
  const next = uniformSource(seed);
  return list('float32', dims, () => Math.fround(0.02 + 0.01 * next()));
};

const products: fc.Arbitrary<Case> = numbers.map((n) => ({
  op: 'QLinearMatMul',
  attrs: {},
  inputs: [
    bytes(n.x, [n.batch, n.rows, n.depth], n.seed),
    scale(n.seed + 1),
    point(n.x, n.seed + 2),
    bytes(n.w, [n.depth, n.columns], n.seed + 3),
    scale(n.seed + 4, n.perLine ? [n.columns] : []),
    n.perLine ? list(n.w, [n.columns], () => 0) : point(n.w, n.seed + 5),
    // Some results saturate on either side.
    list('float32', [], () => Math.fround(0.0007 * Math.sqrt(n.depth) * 73)),
    point(n.x, n.seed + 6),
  ],
}));

const convolutions: fc.Arbitrary<Case> = numbers.map((n) => {
  const filters = 2 * n.rows;
  return {
    op: 'QLinearConv',
    attrs: { group: n.group, pads: [n.pad, 1, 0, n.pad], strides: [n.stride, 1], kernel_shape: [2, 3] },
    inputs: [
      bytes(n.x, [n.batch, 2 * n.columns, 4, 5], n.seed),
      scale(n.seed + 1),
      point(n.x, n.seed + 2),
      bytes(n.w, [filters, (2 * n.columns) / n.group, 2, 3], n.seed + 3),
      scale(n.seed + 4, n.perLine ? [filters] : []),
      n.perLine ? list(n.w, [filters], () => 0) : point(n.w, n.seed + 5),
      list('float32', [], () => Math.fround(0.11 * Math.sqrt(n.columns))),
      point(n.x, n.seed + 6),
      ...(n.biased ? [integerTensor('int32', [filters], n.seed + 7, 3000)] : []),
    ],
  };
});

const compute = ({ op, inputs, attrs }: Case): Tensor => run(OPERATORS.get(op)!, NN_KERNELS, inputs, attrs)[0]!;

/** The real number that rounds to the result, its zero point aside, without any rounding on the way. */
function realProducts({ inputs }: Case): number[] {
  const [a, aScale, aZero, b, bScale, bZero, yScale] = inputs.map((tensor) => tensor.toNumbers());
  const depth = inputs[0]!.dims[2]!;
  const columns = inputs[3]!.dims[1]!;
  return Array.from({ length: (a!.length / depth) * columns }, (_, i) => {
    const [row, column] = [Math.floor(i / columns), i % columns];
    let sum = 0;
    for (let k = 0; k < depth; k++) {
      sum += (a![row * depth + k]! - aZero![0]!) * (b![k * columns + column]! - bZero![column % bZero!.length]!);
    }
    return (sum * aScale![0]! * bScale![column % bScale!.length]!) / yScale![0]!;
  });
}

describe('requantised integer products', () => {
  // Both hold the sums in int32 and take the same three steps in float32.
  it.each([
    ['QLinearMatMul', products],
    ['QLinearConv', convolutions],
  ] as const)('%s is ONNX Runtime’s, element for element', async (_, cases) => {
    let different = 0;
    let elements = 0;
    for (const one of fc.sample(cases, { seed: 31, numRuns: 300 })) {
      // ONNX Runtime has no kernel for unsigned weights of signed data.
      if (one.inputs[0]!.dtype === 'int8' && one.inputs[3]!.dtype === 'uint8') continue;
      const own = compute(one);
      const [expected] = await runNodeInOrt(one.op, one.inputs, one.attrs, [own.dtype]);
      const { count } = integerDifferences(own, expected!);
      different += count;
      elements += own.size;
    }
    expect(elements).toBeGreaterThan(3000);
    expect(different).toBe(0);
  });

  it('is the rounded real product, but for ties', () => {
    fc.assert(
      fc.property(products, (one) => {
        const own = compute(one);
        const { lo, hi } = integerRange(own.dtype);
        const zero = one.inputs[7]!.toNumbers()[0]!;
        for (const [i, real] of realProducts(one).entries()) {
          // Three roundings to float32 move the product by less than 2^-22 of it.
          const slack = Math.abs(real) * 2 ** -22;
          const value = own.toNumbers()[i]!;
          const bound = (shifted: number): number => Math.min(hi, Math.max(lo, Math.round(shifted) + zero));
          expect([bound(real - slack), bound(real), bound(real + slack)]).toContain(value);
        }
      }),
      { seed: 32, numRuns: 200 },
    );
  });

  it('rounds ties to even and saturates', () => {
    const one = (value: number): Tensor => Tensor.float32([], [value]);
    const zero = new Tensor('int8', [], Int8Array.of(0));
    const a = new Tensor('int8', [6, 1], Int8Array.of(1, 3, 5, -1, -3, 127));
    const b = new Tensor('int8', [1, 1], Int8Array.of(1));
    const [y] = run(qLinearMatMul, QLINEAR_KERNELS, [a, one(0.5), zero, b, one(1), zero, one(1), zero]);
    expect(y?.toNumbers()).toEqual([0, 2, 2, 0, -2, 64]);
    const [wide] = run(qLinearMatMul, QLINEAR_KERNELS, [a, one(50), zero, b, one(1), zero, one(1), zero]);
    expect(wide?.toNumbers()).toEqual([50, 127, 127, -50, -128, 127]);
  });

  it('pads with the zero point of the data', () => {
    const one = Tensor.float32([], [1]);
    const x = new Tensor('uint8', [1, 1, 1, 1], Uint8Array.of(130));
    const w = new Tensor('int8', [1, 1, 1, 3], Int8Array.of(50, 1, 50));
    const zero = new Tensor('uint8', [], Uint8Array.of(128));
    const none = new Tensor('int8', [], Int8Array.of(0));
    const attrs = { pads: [0, 1, 0, 1] };
    const [y] = run(qLinearConv, QLINEAR_KERNELS, [x, one, zero, w, one, none, one, zero], attrs);
    expect(y?.toNumbers()).toEqual([130]);
  });
});
