import { integerRange, isFloat } from '../../ir/dtype.js';
import { dtypeOfCode } from '../../ir/onnx/data-type.js';
import { numberData, type Tensor } from '../../ir/tensor.js';
import type { Kernel } from '../kernel.js';
import { conversionOf } from './cast.js';
import { floatsOf, storeFloats, type FloatArray } from './floats.js';
import { forEachRow, scaledRegions } from './granularity.js';
import { present, resolveDims } from './resolve.js';
import { newResult } from './results.js';
import { specOf } from './specs.js';
import { shortFloatRounding } from './store.js';

/** Adding and subtracting 1.5 · 2^52 rounds numbers below 2^51 to integers, halves to even, without a branch. */
const ROUND_TO_EVEN = 1.5 * 2 ** 52;

/** What quantising takes besides the data: scale and zero point of each element, range, precision of the division. */
export interface Quantiser {
  readonly scale: FloatArray;
  readonly zero: FloatArray;
  readonly lo: number;
  readonly hi: number;
  /** Rounds the quotient when it is narrower than float32. */
  readonly round: ((value: number) => number) | undefined;
}

/** Quantises `n` neighbouring elements of x, each by the scale and zero point at its side. */
export function quantiseRow(
  { scale, zero, lo, hi, round }: Quantiser,
  x: FloatArray,
  y: Int32Array,
  at: number,
  step: number,
  scaleAt: number,
  scaleStep: number,
  n: number,
): void {
  for (let i = 0; i < n; i++, at += step, scaleAt += scaleStep) {
    const quotient = Math.fround(x[at]! / scale[scaleAt]!);
    const rounded = (round === undefined ? quotient : round(quotient)) + ROUND_TO_EVEN - ROUND_TO_EVEN;
    const v = rounded + zero[scaleAt]!;
    y[at] = v > hi ? hi : v >= lo ? v : lo;
  }
}

const zerosLike = (scale: Tensor, zeroPoint: Tensor | undefined): FloatArray =>
  zeroPoint === undefined ? new Float64Array(scale.size) : floatsOf(zeroPoint);

/**
 * QuantizeLinear: the quotient rounds to the type of the scale (or to `precision`), then to an integer, halves to even;
 * the sum with the zero point saturates. NaN gives the lowest integer, as in ONNX Runtime. To floats of 8 and 4 bits the
 * quotient is cast.
 */
export const quantizeLinearKernel: Kernel = (node, inputs, arena) => {
  resolveDims(specOf('QuantizeLinear'), node, inputs);
  const x = present(inputs, 0);
  const scale = present(inputs, 1);
  const result = newResult(node, arena, x.dims);
  const precision = dtypeOfCode(node.attrs.int('precision', 0)) ?? scale.dtype;
  const source = floatsOf(x);
  const regions = scaledRegions(node, x, scale);
  if (isFloat(result.dtype)) {
    const scales = floatsOf(scale);
    const y = floatsOf(result);
    const cast = shortFloatRounding(result.dtype, conversionOf(node)) ?? Math.fround;
    const narrow = shortFloatRounding(precision) ?? Math.fround;
    forEachRow(regions, (at, step, scaleAt, scaleStep, n) => {
      for (let i = 0; i < n; i++, at += step, scaleAt += scaleStep)
        y[at] = cast(narrow(source[at]! / scales[scaleAt]!));
    });
    return [result];
  }
  const quantiser: Quantiser = {
    scale: floatsOf(scale),
    zero: zerosLike(scale, inputs[2]),
    ...integerRange(result.dtype),
    round: shortFloatRounding(precision),
  };
  const y = new Int32Array(x.size);
  forEachRow(regions, (...row) => {
    quantiseRow(quantiser, source, y, ...row);
  });
  numberData(result)!.set(y);
  return [result];
};

function dequantiseRow(
  x: FloatArray,
  scale: FloatArray,
  zero: FloatArray,
  y: FloatArray,
  at: number,
  step: number,
  scaleAt: number,
  scaleStep: number,
  n: number,
): void {
  for (let i = 0; i < n; i++, at += step, scaleAt += scaleStep) {
    y[at] = Math.fround(x[at]! - zero[scaleAt]!) * scale[scaleAt]!;
  }
}

/** DequantizeLinear: difference and product each round to float32, the result once more to a narrower type. */
export const dequantizeLinearKernel: Kernel = (node, inputs, arena) => {
  resolveDims(specOf('DequantizeLinear'), node, inputs);
  const x = present(inputs, 0);
  const scale = present(inputs, 1);
  const result = newResult(node, arena, x.dims);
  const source = floatsOf(x);
  const factors = floatsOf(scale);
  const zero = zerosLike(scale, inputs[2]);
  const y = floatsOf(result);
  forEachRow(scaledRegions(node, x, scale), (...row) => {
    dequantiseRow(source, factors, zero, y, ...row);
  });
  storeFloats(result, y);
  return [result];
};
