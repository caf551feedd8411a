import type { DType } from '../dtype.js';
import { FLAG, INT } from './attribute-specs.js';
import { dtypeAttribute } from './cast.js';
import { checkDType } from './elementwise-inference.js';
import { operator, OperatorFault, required, type InferenceCall, type Operator } from './operator.js';
import { checkGranularity } from './quantisation-granularity.js';

const REAL_TYPES: readonly DType[] = ['float32', 'float16', 'bfloat16'];
const NARROW_FLOATS: readonly DType[] = [
  'float8e4m3fn',
  'float8e4m3fnuz',
  'float8e5m2',
  'float8e5m2fnuz',
  'float4e2m1',
];
const INTEGERS: readonly DType[] = ['uint8', 'int8', 'uint16', 'int16', 'uint4', 'int4', 'uint2', 'int2'];
const QUANTISED_TYPES: readonly DType[] = [...INTEGERS, ...NARROW_FLOATS];

/** @returns the type, or undefined when the attribute is left out (or 0, which stands for that). */
function optionalDType(call: InferenceCall, attribute: string, accepted: readonly DType[]): DType | undefined {
  if (call.attrs.int(attribute, 0) === 0) return undefined;
  return checkOneOf(call, `attribute ${attribute}`, dtypeAttribute(call, attribute), accepted);
}

function checkOneOf(call: InferenceCall, what: string, dtype: DType, accepted: readonly DType[]): DType {
  if (accepted.includes(dtype)) return dtype;
  throw new OperatorFault('unsupported-type', `${what} of ${call.op} is ${dtype}, accepted: ${accepted.join(', ')}`);
}

/**
 * The element type of QuantizeLinear's result: that of the zero point, else `output_dtype`, else uint8.
 * @throws OperatorFault when the first two disagree.
 */
function quantisedType(call: InferenceCall): DType {
  const declared = optionalDType(call, 'output_dtype', QUANTISED_TYPES);
  const zeroPoint = call.inputs[2];
  if (zeroPoint === undefined) return declared ?? 'uint8';
  const { dtype } = zeroPoint.type;
  if (declared !== undefined) checkDType(call, 2, zeroPoint, declared);
  return checkOneOf(call, 'the zero point', dtype, QUANTISED_TYPES);
}

/**
 * QuantizeLinear: saturate(round(x / scale) + zero point), halves rounded to even. Floats of 8 and 4 bits have no zero point
 * but 0; `saturate` concerns those of 8 bits only.
 */
export const quantizeLinear: Operator = operator({
  name: 'QuantizeLinear',
  since: 13,
  inputs: [2, 3],
  types: [...REAL_TYPES, 'int32'],
  attributes: {
    axis: INT,
    block_size: INT,
    output_dtype: INT,
    precision: INT,
    saturate: FLAG,
  },
  infer(call) {
    checkOneOf(call, 'the scale', required(call, 1).type.dtype, REAL_TYPES);
    optionalDType(call, 'precision', REAL_TYPES);
    checkGranularity(call);
    return [{ type: { dtype: quantisedType(call), shape: required(call, 0).type.shape } }];
  },
});

/** DequantizeLinear: (x − zero point) × scale, in the type of the scale or `output_dtype`. */
export const dequantizeLinear: Operator = operator({
  name: 'DequantizeLinear',
  since: 13,
  inputs: [2, 3],
  types: [...QUANTISED_TYPES, 'int32'],
  attributes: { axis: INT, block_size: INT, output_dtype: INT },
  infer(call) {
    const { dtype, shape } = required(call, 0).type;
    const scaleType = checkOneOf(call, 'the scale', required(call, 1).type.dtype, REAL_TYPES);
    const zeroPoint = call.inputs[2];
    if (zeroPoint !== undefined) checkDType(call, 2, zeroPoint, dtype);
    checkGranularity(call);
    return [{ type: { dtype: optionalDType(call, 'output_dtype', REAL_TYPES) ?? scaleType, shape } }];
  },
});

/** DynamicQuantizeLinear: uint8 with scale and zero point taken from the range of the data, which includes 0. */
export const dynamicQuantizeLinear: Operator = operator({
  name: 'DynamicQuantizeLinear',
  since: 11,
  inputs: [1, 1],
  outputs: [1, 3],
  types: ['float32'],
  infer: (call) => [
    { type: { dtype: 'uint8', shape: required(call, 0).type.shape } },
    { type: { dtype: 'float32', shape: [] } },
    { type: { dtype: 'uint8', shape: [] } },
  ],
});
