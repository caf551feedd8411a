import { describe, expect, it } from 'vitest';
import { isFloat, type DType } from '../../../src/ir/dtype.js';
import { codeOfDType } from '../../../src/ir/onnx/data-type.js';
import { Tensor } from '../../../src/ir/tensor.js';
import { ELEMENTWISE_KERNELS } from '../../../src/runtime/float/elementwise.js';
import { specOf } from '../../../src/runtime/float/specs.js';
import { compute } from '../../support/compute.js';
import { modelBytes, type AttributeSpec } from '../../support/onnx-builder.js';
import { runInOrt } from '../../support/ort-session.js';
import { SPECIAL_FLOATS, tensorFrom } from '../../support/random-tensors.js';
import type { AttributeInputs } from '../../support/run-operator.js';

type Inputs = readonly (Tensor | undefined)[];

/** Attributes as the file has them. */
function attributeSpecs(attrs: AttributeInputs): Record<string, AttributeSpec> {
  return Object.fromEntries(
    Object.entries(attrs).map(([name, value]): [string, AttributeSpec] => {
      if (typeof value === 'number') return [name, { int: value }];
      if (typeof value === 'string') return [name, { string: value }];
      return [name, value as { float: number }];
    }),
  );
}

async function inOrt(op: string, inputs: Inputs, attrs: AttributeInputs, outputs: number): Promise<Tensor[]> {
  const given = inputs.flatMap((tensor, i) => (tensor === undefined ? [] : [{ name: `x${i}`, tensor }]));
  const names = Array.from({ length: outputs }, (_, i) => `y${i}`);
  const model = modelBytes({
    opset: 21,
    irVersion: 10,
    nodes: [
      {
        op,
        inputs: inputs.map((tensor, i) => (tensor === undefined ? '' : `x${i}`)),
        outputs: names,
        attributes: attributeSpecs(attrs),
      },
    ],
    inputs: given.map(({ name, tensor }) => ({ name, type: codeOfDType(tensor.dtype), shape: tensor.dims })),
    outputs: names.map((name) => ({ name, kind: 'none' })),
  });
  const results = await runInOrt(model, new Map(given.map(({ name, tensor }) => [name, tensor])));
  return names.map((name) => results.get(name) ?? Tensor.zeros('float32', []));
}

/** Same type and sizes, integers equal, floats within `relative` of each other (NaN equal, the sign of zero aside). */
function expectClose(actual: Tensor | undefined, wanted: Tensor, relative: number): void {
  expect(actual?.dtype).toBe(wanted.dtype);
  expect(actual?.dims).toEqual(wanted.dims);
  if (actual === undefined || !isFloat(wanted.dtype)) {
    expect(actual?.data).toEqual(wanted.data);
    return;
  }
  for (const [i, w] of wanted.toNumbers().entries()) {
    const a = Number(actual.data[i]);
    if (Object.is(a, w) || a === w) continue;
    expect(`${i}: ${Math.abs(a - w) <= relative * Math.max(1, Math.abs(w)) ? w : a}`).toBe(`${i}: ${w}`);
  }
}

async function agree(
  op: string,
  inputs: Inputs,
  attrs: AttributeInputs = {},
  relative = 0,
  outputs = 1,
): Promise<void> {
  const wanted = await inOrt(op, inputs, attrs, outputs);
  const actual = compute(specOf(op), ELEMENTWISE_KERNELS, inputs, attrs, outputs);
  for (const [i, tensor] of wanted.entries()) expectClose(actual[i], tensor, relative);
}

/** A fixed sequence of numbers in [-1, 1) that leaves no bit of float32 out. */
function noise(length: number, seed: number): number[] {
  let state = seed;
  return Array.from({ length }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    return state / 2 ** 31;
  });
}
const floats = (dims: readonly number[], seed: number, scale = 4): Tensor => {
  const length = dims.reduce((a, b) => a * b, 1);
  return tensorFrom(
    'float32',
    dims,
    noise(length, seed).map((v) => v * scale),
  );
};
const integers = (dtype: DType, dims: readonly number[], seed: number, scale: number): Tensor =>
  tensorFrom(
    dtype,
    dims,
    floats(dims, seed, 1)
      .toNumbers()
      .map((v) => {
        const n = Math.trunc((dtype.startsWith('u') ? Math.abs(v) : v) * scale);
        return dtype.endsWith('64') ? BigInt(n) : n;
      }),
  );

const x = floats([3, 5, 7], 1);
/** Every special value beside every other. */
const pairs = SPECIAL_FLOATS.flatMap((a) => SPECIAL_FLOATS.map((b) => [a, b] as const));
const left = tensorFrom(
  'float32',
  [pairs.length],
  pairs.map(([a]) => a),
);
const right = tensorFrom(
  'float32',
  [pairs.length],
  pairs.map(([, b]) => b),
);
const scalar = (value: number): Tensor => tensorFrom('float32', [], [value]);

describe('as in ONNX Runtime, to the bit', () => {
  const special = tensorFrom('float32', [SPECIAL_FLOATS.length], SPECIAL_FLOATS);
  it.each<[string, AttributeInputs]>([
    ['Relu', {}],
    ['LeakyRelu', { alpha: { float: 0.1 } }],
    ['ThresholdedRelu', { alpha: { float: 0.6 } }],
    ['Abs', {}],
    ['Neg', {}],
    ['Sign', {}],
    ['Floor', {}],
    ['Ceil', {}],
    ['Round', {}],
    ['Sqrt', {}],
    ['Reciprocal', {}],
    ['IsNaN', {}],
    ['IsInf', { detect_negative: 0 }],
  ])('%s %o', async (op, attrs) => {
    await agree(op, [x], attrs);
    await agree(op, [special], attrs);
  });

  it.each<[string, AttributeInputs]>([
    ['Add', {}],
    ['Sub', {}],
    ['Mul', {}],
    ['Div', {}],
    ['Min', {}],
    ['Max', {}],
    ['Mod', { fmod: 1 }],
    ['Equal', {}],
    ['Greater', {}],
    ['GreaterOrEqual', {}],
    ['Less', {}],
    ['LessOrEqual', {}],
  ])('%s %o', async (op, attrs) => {
    await agree(op, [left, right], attrs);
    await agree(op, [x, floats([5, 1], 2)], attrs);
    await agree(op, [floats([3, 1, 7], 3), floats([2, 1, 5, 1], 4)], attrs);
    await agree(op, [x, scalar(0.75)], attrs);
  });

  it.each<[string, DType]>(
    ['Add', 'Sub', 'Mul', 'Div', 'Mod', 'Min', 'Max', 'Less'].flatMap((op) =>
      (['int32', 'int64', 'uint8', 'int8'] as const).map((dtype): [string, DType] => [op, dtype]),
    ),
  )('%s of %s', async (op, dtype) => {
    const scale = dtype.endsWith('8') ? 127 : 2 ** 31 - 1;
    const divisor = integers(dtype, [4], 6, 100);
    await agree(op, [
      integers(dtype, [5, 4], 5, scale),
      op === 'Div' || op === 'Mod' ? divisor : integers(dtype, [5, 1], 7, scale),
    ]);
  });

  it('Clip', async () => {
    await agree('Clip', [left, scalar(-1), scalar(6)]);
    await agree('Clip', [left, undefined, scalar(0)]);
    await agree('Clip', [left, scalar(2), scalar(1)]);
    await agree('Clip', [integers('int8', [9], 8, 127), tensorFrom('int8', [], [-3]), undefined]);
  });

  it('PRelu and Where', async () => {
    await agree('PRelu', [x, floats([5, 1], 9)]);
    await agree('Where', [tensorFrom('bool', [5, 1], [1, 0, 1, 1, 0]), x, floats([3, 1, 1], 10)]);
    await agree('Where', [
      tensorFrom('bool', [2, 1], [1, 0]),
      integers('int64', [3], 11, 1e9),
      integers('int64', [1], 12, 9),
    ]);
  });

  it.each(['int8', 'uint8', 'int16', 'uint16', 'int32', 'int64', 'bool', 'float64'] as const)(
    'Cast to %s within its range',
    async (dtype) => {
      await agree('Cast', [floats([64], 13, dtype.startsWith('u') ? 0.99 : 120)], { to: codeOfDType(dtype) });
      await agree('Cast', [tensorFrom('int32', [5], [-300, 300, 70000, -70000, 5])], { to: codeOfDType(dtype) });
    },
  );

  it('Cast of int64 to float32 beyond 2^53', async () => {
    const ties = tensorFrom('int64', [3], [9007199791611905n, -9007199791611905n, 2n ** 62n + 2n ** 38n + 1n]);
    await agree('Cast', [ties], { to: codeOfDType('float32') });
  });

  it.each(['uint8', 'int8', 'uint16', 'int16'] as const)('QuantizeLinear and DequantizeLinear of %s', async (dtype) => {
    const zero = (dims: readonly number[], value: number): Tensor =>
      tensorFrom(
        dtype,
        dims,
        Array.from({ length: dims.reduce((a, b) => a * b, 1) }, (_, i) => value + i),
      );
    const scales = floats([5], 14, 0.05)
      .toNumbers()
      .map((v) => Math.abs(v) + 0.01);
    const many = floats([40, 5, 5], 15, 3);
    await agree('QuantizeLinear', [many, scalar(0.0313), zero([], 17)]);
    await agree('QuantizeLinear', [many, tensorFrom('float32', [5], scales), zero([5], 3)], { axis: 1 });
    await agree('QuantizeLinear', [left, scalar(0.5), zero([], 1)]);
    const blocks = floats([4, 3], 16, 0.3)
      .toNumbers()
      .map((v) => Math.abs(v) + 0.01);
    const blocked = tensorFrom('float32', [4, 3], blocks);
    await agree('QuantizeLinear', [floats([4, 8], 17), blocked, zero([4, 3], 2)], { axis: 1, block_size: 3 });
    const stored = integers(dtype, [4, 8], 18, 120);
    await agree('DequantizeLinear', [stored, scalar(0.0313), zero([], 17)]);
    await agree('DequantizeLinear', [stored, tensorFrom('float32', [4], scales.slice(0, 4)), zero([4], 3)], {
      axis: 0,
    });
    await agree('DequantizeLinear', [stored, blocked, zero([4, 3], 2)], { axis: 1, block_size: 3 });
  });

  it('DynamicQuantizeLinear', async () => {
    await agree('DynamicQuantizeLinear', [floats([200], 19)], {}, 0, 3);
    await agree('DynamicQuantizeLinear', [floats([200], 20, 0.3)], {}, 0, 3);
  });

  it.each(['ReduceMax', 'ReduceMin'])('%s', async (op) => {
    await agree(op, [x, Tensor.int64([0, 2])], { keepdims: 0 });
    await agree(op, [integers('int8', [4, 6], 21, 127), Tensor.int64([-1])]);
  });

  it.each(['ArgMax', 'ArgMin'])('%s', async (op) => {
    const tied = integers('int32', [5, 6], 22, 3);
    for (const last of [0, 1]) await agree(op, [tied], { axis: 1, select_last_index: last, keepdims: last });
  });

  it('TopK, CumSum, Hardmax and BitShift', async () => {
    await agree('TopK', [x, Tensor.int64([3])], { axis: 1, largest: 0 }, 0, 2);
    await agree('CumSum', [integers('int32', [4, 5], 23, 1e9), Tensor.int64(-1)], { exclusive: 1, reverse: 1 });
    await agree('Hardmax', [x], { axis: 1 });
    await agree('BitShift', [integers('uint32', [9], 24, 2 ** 31), integers('uint32', [9], 25, 31)], {
      direction: 'RIGHT',
    });
  });
});

describe('as in ONNX Runtime, which computes in float32', () => {
  // Its polynomials for exp, tanh and erf are good to a few units in the last place of float32, which is 1.2e-7.
  const relative = 2e-6;
  it.each<[string, AttributeInputs]>([
    ['Sigmoid', {}],
    ['Tanh', {}],
    ['Exp', {}],
    ['Erf', {}],
    ['Elu', { alpha: { float: 1.5 } }],
    ['Selu', {}],
    ['Celu', { alpha: { float: 0.7 } }],
    ['HardSigmoid', { alpha: { float: 0.3 }, beta: { float: 0.4 } }],
    ['HardSwish', {}],
    ['Softplus', {}],
    ['Softsign', {}],
    ['Mish', {}],
    ['Gelu', {}],
    ['Gelu', { approximate: 'tanh' }],
    ['Sin', {}],
    ['Cos', {}],
    ['Atan', {}],
    ['Sinh', {}],
    ['Asinh', {}],
    ['Softmax', { axis: 1 }],
    ['LogSoftmax', { axis: 0 }],
  ])('%s %o', async (op, attrs) => {
    await agree(op, [x], attrs, relative);
  });

  it('Pow', async () => {
    const base = tensorFrom('float32', [105], x.toNumbers().map(Math.abs));
    await agree('Pow', [base, floats([105], 26)], {}, relative);
    await agree(
      'Pow',
      [tensorFrom('float32', [4], [2, -2, 0.5, 9]), tensorFrom('int64', [4], [3n, 3n, -2n, 0n])],
      {},
      relative,
    );
  });

  it.each(['ReduceSum', 'ReduceMean', 'ReduceProd', 'ReduceL1', 'ReduceL2', 'ReduceSumSquare', 'ReduceLogSumExp'])(
    '%s',
    async (op) => {
      await agree(op, [floats([3, 5, 7], 27, 1), Tensor.int64([1, 2])], {}, relative);
      await agree(op, [floats([3, 5, 7], 28, 1), Tensor.int64([-3])], { keepdims: 0 }, relative);
      await agree(op, [floats([3, 5, 7], 29, 1)], {}, relative);
    },
  );

  it('Sum and Mean', async () => {
    await agree('Sum', [x, floats([5, 1], 30), floats([7], 31)], {}, relative);
    await agree('Mean', [x, floats([5, 1], 32), floats([7], 33)], {}, relative);
  });
});
