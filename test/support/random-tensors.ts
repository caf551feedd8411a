import fc from 'fast-check';
import { allocate, bitsOf, integerRange, isFloat, isSigned, type DType } from '../../src/ir/dtype.js';
import { bfloat16FromBits, float16FromBits } from '../../src/ir/onnx/float16.js';
import { sizeOf } from '../../src/ir/shape.js';
import { Tensor } from '../../src/ir/tensor.js';

type Element = number | bigint;

/** Floats on which formulas go wrong: NaN, infinities, zeros of both signs, denormals, ties, extremes of float32. */
export const SPECIAL_FLOATS: readonly number[] = [
  NaN,
  -Infinity,
  Infinity,
  -0,
  0,
  1e-40,
  -1e-40,
  2 ** -149,
  0.5,
  1.5,
  2.5,
  -0.5,
  -1.5,
  1,
  -1,
  3,
  -3,
  100,
  -100,
  8388607.5,
  2 ** 24,
  3.4028234663852886e38,
  -3.4028234663852886e38,
];

const float16 = fc.nat({ max: 0xffff }).map(float16FromBits);
const bfloat16 = fc.nat({ max: 0xffff }).map(bfloat16FromBits);
const moderate = fc.double({ min: -20, max: 20, noNaN: true });
const float64 = fc.oneof(moderate, fc.double(), fc.constantFrom(...SPECIAL_FLOATS));
const float32 = float64.map(Math.fround);

/** Any element of the type, extremes more often than chance would have it. */
export function elementOf(dtype: DType): fc.Arbitrary<Element> {
  if (dtype === 'float64') return float64;
  if (dtype === 'float16') return float16;
  if (dtype === 'bfloat16') return bfloat16;
  if (isFloat(dtype)) return float32;
  if (dtype === 'bool') return fc.nat({ max: 1 });
  if (bitsOf(dtype) < 64) {
    const { lo, hi } = integerRange(dtype);
    return fc.oneof(
      fc.integer({ min: lo, max: hi }),
      fc.integer({ min: Math.max(lo, -3), max: Math.min(hi, 3) }),
      fc.constantFrom(lo, hi),
    );
  }
  const [lo, hi] = isSigned(dtype) ? [-(2n ** 63n), 2n ** 63n - 1n] : [0n, 2n ** 64n - 1n];
  return fc.oneof(
    fc.bigInt({ min: lo, max: hi }),
    fc.bigInt({ min: lo < 0n ? -3n : 0n, max: 3n }),
    fc.constantFrom(lo, hi),
  );
}

/** A tensor of the given elements. */
export function tensorFrom(dtype: DType, dims: readonly number[], elements: readonly Element[]): Tensor {
  const data = allocate(dtype, sizeOf(dims));
  for (const [i, element] of elements.entries()) (data as Record<number, Element>)[i] = element;
  return new Tensor(dtype, dims, data);
}

/** A tensor of random elements. */
export function tensorOf(
  dtype: DType,
  dims: readonly number[],
  element: fc.Arbitrary<Element> = elementOf(dtype),
): fc.Arbitrary<Tensor> {
  const length = sizeOf(dims);
  return fc
    .array(element, { minLength: length, maxLength: length })
    .map((elements) => tensorFrom(dtype, dims, elements));
}

/** A shape and shapes that broadcast to it together, the first two of which span it. */
export const broadcastDims = (count: number): fc.Arbitrary<{ dims: number[]; operands: number[][] }> =>
  fc.array(fc.nat({ max: 4 }), { maxLength: 4 }).chain((dims) =>
    fc
      .tuple(
        ...Array.from({ length: count }, () =>
          fc.record({
            ones: fc.array(fc.boolean(), { minLength: dims.length, maxLength: dims.length }),
            dropped: fc.nat({ max: dims.length }),
          }),
        ),
      )
      .map((choices) => {
        const shrunk = choices.map(({ ones }) => dims.map((dim, axis) => (ones[axis] === true ? 1 : dim)));
        // An axis that every operand repeats belongs to the first.
        const [first = []] = shrunk;
        for (const [axis, dim] of dims.entries()) if (shrunk.every((shape) => shape[axis] === 1)) first[axis] = dim;
        const operands = shrunk.map((shape, k) => {
          const leading = shape.findIndex((dim) => dim !== 1);
          const removable = leading < 0 ? shape.length : leading;
          return shape.slice(Math.min(removable, choices[k]?.dropped ?? 0));
        });
        return { dims: dims.slice(dims.length - Math.max(...operands.map((shape) => shape.length))), operands };
      }),
  );

/** The element of an operand that belongs to coordinates of the result it broadcasts to. */
export function broadcastElement(tensor: Tensor, coordinates: readonly number[]): Element {
  let place = 0;
  for (const [axis, size] of tensor.dims.entries()) {
    const position = coordinates[axis + coordinates.length - tensor.rank] ?? 0;
    place = place * size + (size === 1 ? 0 : position);
  }
  return tensor.data[place] ?? 0;
}

/** The integer modulo 2^bits, as the type has it. */
export function wrapTo(dtype: DType, value: bigint): Element {
  const bits = bitsOf(dtype);
  const wrapped = isSigned(dtype) ? BigInt.asIntN(bits, value) : BigInt.asUintN(bits, value);
  return bits === 64 ? wrapped : Number(wrapped);
}
