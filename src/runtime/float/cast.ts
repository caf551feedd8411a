import { bitsOf, integerRange, isFloat, isSigned, type DType, type NumberArray } from '../../ir/dtype.js';
import type { NarrowConversion } from '../../ir/onnx/narrow-floats.js';
import type { Node } from '../../ir/graph.js';
import { numberData, type Tensor } from '../../ir/tensor.js';
import type { Kernel } from '../kernel.js';
import { bigIntsOf, type BigIntArray } from './floats.js';
import { present } from './resolve.js';
import { newResult } from './results.js';
import { shortFloatRounding } from './store.js';

/**
 * Float to integer: cut to an integer and saturated at 32 bits (64 for 64-bit types), NaN giving 0; of that, narrower
 * types keep the low bits. Integer to integer keeps the low bits. Anything but 0 is true.
 */
function castNumbers(x: NumberArray, fromFloat: boolean, result: Tensor, conversion: NarrowConversion): void {
  const { dtype } = result;
  const wide = bigIntsOf(result);
  if (wide !== undefined) {
    const convert = fromFloat ? saturatedBigInt(dtype) : BigInt;
    for (let i = 0; i < x.length; i++) wide[i] = convert(x[i]!);
    return;
  }
  const y = numberData(result)!;
  const round = shortFloatRounding(dtype, conversion);
  if (round !== undefined) for (let i = 0; i < x.length; i++) y[i] = round(x[i]!);
  else if (dtype === 'bool') for (let i = 0; i < x.length; i++) y[i] = +(x[i] !== 0);
  else if (isFloat(dtype) || !fromFloat) y.set(x);
  else {
    const { lo, hi } = dtype === 'uint32' ? { lo: -(2 ** 31), hi: 2 ** 32 - 1 } : integerRange('int32');
    for (let i = 0; i < x.length; i++) y[i] = Math.min(Math.max(x[i]!, lo), hi);
  }
  keepLowBits(dtype, y);
}

function saturatedBigInt(dtype: DType): (value: number) => bigint {
  const hi = dtype === 'int64' ? 2n ** 63n - 1n : 2n ** 64n - 1n;
  const lo = -(2n ** 63n);
  return (value) => {
    if (value >= Number(hi)) return hi;
    if (value <= Number(lo)) return lo;
    return Number.isNaN(value) ? 0n : BigInt(Math.trunc(value));
  };
}

function castBigInts(x: BigIntArray, result: Tensor, conversion: NarrowConversion): void {
  const { dtype } = result;
  const wide = bigIntsOf(result);
  if (wide !== undefined) {
    wide.set(x);
    return;
  }
  const y = numberData(result)!;
  if (dtype === 'bool') for (let i = 0; i < x.length; i++) y[i] = +(x[i] !== 0n);
  else if (dtype === 'float64') for (let i = 0; i < x.length; i++) y[i] = Number(x[i]);
  else if (isFloat(dtype)) {
    const round = shortFloatRounding(dtype, conversion) ?? Math.fround;
    for (let i = 0; i < x.length; i++) y[i] = round(oddNumber(x[i]!));
  } else for (let i = 0; i < x.length; i++) y[i] = Number(BigInt.asIntN(32, x[i]!));
  keepLowBits(dtype, y);
}

/** The integer with what float64 has no room for turned into an odd last bit, so that rounding on to fewer bits is right. */
function oddNumber(value: bigint): number {
  if (BigInt.asIntN(53, value) === value) return Number(value);
  const high = value >> 11n;
  return Number((value & 2047n) === 0n ? high : high | 1n) * 2048;
}

/** Of integers narrower than a byte, which are stored in whole bytes, the low bits. */
function keepLowBits(dtype: DType, data: NumberArray): void {
  const unused = 32 - bitsOf(dtype);
  if (isFloat(dtype) || unused <= 24) return;
  if (isSigned(dtype)) for (let i = 0; i < data.length; i++) data[i] = (data[i]! << unused) >> unused;
  else for (let i = 0; i < data.length; i++) data[i] = (data[i]! << unused) >>> unused;
}

/** What a node says about the conversion to floats of 8 bits. */
export const conversionOf = ({ attrs }: Node): NarrowConversion => {
  const round = attrs.string('round_mode', 'up');
  return { saturate: attrs.int('saturate', 1) !== 0, round: round === 'down' || round === 'nearest' ? round : 'up' };
};

/** Cast and CastLike, whose target is the type of the result. */
export const castKernel: Kernel = (node, inputs, arena) => {
  const x = present(inputs, 0);
  if (node.outputs[0]!.type.dtype === x.dtype) return [x.reshape(x.dims)];
  const result = newResult(node, arena, x.dims);
  const wide = bigIntsOf(x);
  const conversion = conversionOf(node);
  if (wide === undefined) castNumbers(numberData(x)!, isFloat(x.dtype), result, conversion);
  else castBigInts(wide, result, conversion);
  return [result];
};
