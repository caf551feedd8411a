import { integerRange } from '../../ir/dtype.js';
import { OPERAND_INPUTS, qLinearConv, qLinearMatMul } from '../../ir/ops/qlinear.js';
import { sizeOf } from '../../ir/shape.js';
import type { Tensor } from '../../ir/tensor.js';
import type { Arena, Kernel } from '../kernel.js';
import { numbersOf } from './buffers.js';
import { convolveIntegers } from './conv.js';
import { floatsOf, roundHalfEven } from './floats.js';
import { multiplyIntegers } from './matmul.js';
import { present, resolveDims } from './resolve.js';
import type { Inputs } from './plan.js';

const operandsOf = (inputs: Inputs): Inputs => OPERAND_INPUTS.map((index) => inputs[index]);

/** The only zero point of the result and where it saturates. */
interface Target {
  readonly zero: number;
  readonly lo: number;
  readonly hi: number;
}

function targetOf(inputs: Inputs): Target {
  const zeroPoint = present(inputs, 7);
  return { zero: numbersOf(zeroPoint)[0]!, ...integerRange(zeroPoint.dtype) };
}

/** The accumulator and the product each round to float32, then to an integer, halves to even, as in ONNX Runtime. */
function requantise(acc: number, multiplier: number, { zero, lo, hi }: Target): number {
  const value = roundHalfEven(Math.fround(Math.fround(acc) * multiplier)) + zero;
  return value > hi ? hi : value < lo ? lo : value;
}

/** left · right / result, each step rounded to float32. */
const multiplierOf = (left: number, right: number, result: number): number =>
  Math.fround(Math.fround(left * right) / result);

function resultLike(acc: Tensor, inputs: Inputs, arena: Arena): Tensor {
  return arena.tensor(present(inputs, 7).dtype, acc.dims);
}

const convKernel: Kernel = (node, inputs, arena) => {
  resolveDims(qLinearConv, node, inputs);
  const acc = convolveIntegers(node, operandsOf(inputs), arena);
  const y = resultLike(acc, inputs, arena);
  const values = numbersOf(y);
  const target = targetOf(inputs);
  const scales = floatsOf(present(inputs, 4));
  const bias = inputs[8] && numbersOf(inputs[8]);
  const [, filters = 1] = acc.dims;
  const size = sizeOf(acc.dims.slice(2));
  const [left, result] = [floatsOf(present(inputs, 1))[0]!, floatsOf(present(inputs, 6))[0]!];
  for (let from = 0, filter = 0; from < values.length; from += size, filter = (filter + 1) % filters) {
    const multiplier = multiplierOf(left, scales[scales.length === 1 ? 0 : filter]!, result);
    const added = bias?.[filter] ?? 0;
    for (let i = from; i < from + size; i++) values[i] = requantise((acc.data[i]! + added) | 0, multiplier, target);
  }
  return [y];
};

const matMulKernel: Kernel = (node, inputs, arena) => {
  resolveDims(qLinearMatMul, node, inputs);
  const acc = multiplyIntegers(node, operandsOf(inputs), arena);
  const y = resultLike(acc, inputs, arena);
  const values = numbersOf(y);
  const target = targetOf(inputs);
  const [left, right] = [floatsOf(present(inputs, 1)), floatsOf(present(inputs, 4))];
  const result = floatsOf(present(inputs, 6))[0]!;
  const b = present(inputs, 3);
  const columns = b.rank === 1 ? 1 : b.dims.at(-1)!;
  for (let i = 0; i < values.length; i++) {
    const row = left[Math.floor(i / columns) % left.length]!;
    const multiplier = multiplierOf(row, right[(i % columns) % right.length]!, result);
    values[i] = requantise(acc.data[i]!, multiplier, target);
  }
  return [y];
};

/** Kernels of the integer operators that requantise. */
export const QLINEAR_KERNELS: readonly (readonly [string, Kernel])[] = [
  ['QLinearConv', convKernel],
  ['QLinearMatMul', matMulKernel],
];
