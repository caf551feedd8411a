import { integerRange, type DType } from '../../dtype.js';
import { formatShape, isStatic } from '../../shape.js';
import { transposedShape } from '../conv-transpose.js';
import { commonShape } from '../elementwise-inference.js';
import { operator, OperatorFault, type AttributeSpec, type InferenceCall, type Operator } from '../operator.js';
import {
  ACTIVATION_TYPES,
  checkBroadcastsInto,
  checkPerChannel,
  mapOf,
  slide,
  typedInput,
  WEIGHT_TYPES,
  windowOf,
} from './facts.js';

const WINDOW: Readonly<Record<string, AttributeSpec>> = {
  strides: { kind: 'ints', required: true },
  pads: { kind: 'ints', required: true },
};
const CLIP: Readonly<Record<string, AttributeSpec>> = {
  lo: { kind: 'int', required: true },
  hi: { kind: 'int', required: true },
};

const quantised = (spec: Omit<Operator, 'domain' | 'outputs' | 'since'>): Operator =>
  operator({ ...spec, domain: 'q', since: 1 });

/** The narrowest activation type that holds lo … hi. */
export function activationType(lo: number, hi: number): DType {
  if (lo >= 0 && hi <= 255) return 'uint8';
  return lo >= -128 && hi <= 127 ? 'int8' : 'int16';
}

function clippedType({ attrs, op }: InferenceCall): DType {
  const lo = attrs.int('lo');
  const hi = attrs.int('hi');
  if (lo > hi || lo < -32768 || hi > 32767) {
    throw new OperatorFault('invalid-attribute', `${op} clips to ${lo} … ${hi}, accepted: ordered and within 16 bits`);
  }
  return activationType(lo, hi);
}

/** Marks where a float tensor becomes integers of a known scale; lowering decides how (spec 1.4, 1.2). */
export const quantize: Operator = quantised({
  name: 'Quantize',
  inputs: [1, 1],
  attributes: { scale: { kind: 'float', required: true }, ...CLIP },
  infer: (call) => {
    const { shape } = typedInput(call, 0, ['float32']).type;
    const dtype = clippedType(call);
    return [{ type: { dtype, shape } }];
  },
});

/** real = scale × integer, one float32 multiplication (spec 1.1). */
export const dequantize: Operator = quantised({
  name: 'Dequantize',
  inputs: [1, 1],
  attributes: { scale: { kind: 'float', required: true } },
  infer: (call) => [{ type: { dtype: 'float32', shape: typedInput(call, 0, ACTIVATION_TYPES).type.shape } }],
});

/**
 * The input sequence: clip(floor(((x + bias) · multiplier) · 2^-shift), lo, hi), every step rounded to float32 (spec 1.4).
 * bias, multiplier and shift have shapes that broadcast into x's.
 */
export const inputNorm: Operator = quantised({
  name: 'InputNorm',
  inputs: [4, 4],
  attributes: CLIP,
  infer: (call) => {
    const { shape } = typedInput(call, 0, ['float32']).type;
    for (const [index, dtype] of [
      [1, 'float32'],
      [2, 'float32'],
      [3, 'int32'],
    ] as const) {
      checkBroadcastsInto(call, index, typedInput(call, index, [dtype]), shape);
    }
    return [{ type: { dtype: clippedType(call), shape } }];
  },
});

/** Σ w·x over a window: x [N, C, H, W], w [M, C/group, kH, kW] → int32 [N, M, H', W']; padding counts as 0, a symbolic C is what w says. */
export const conv: Operator = quantised({
  name: 'Conv',
  inputs: [2, 2],
  attributes: { ...WINDOW, dilations: { kind: 'ints', required: true }, group: { kind: 'int', required: true } },
  infer: (call) => {
    const { batch, channels, map } = mapOf(typedInput(call, 0, ACTIVATION_TYPES, 4).type.shape);
    const weight = typedInput(call, 1, WEIGHT_TYPES, 4).type.shape;
    const group = call.attrs.int('group');
    if (!isStatic(weight)) throw new OperatorFault('dynamic-shape', `the weights of ${call.op} have symbolic sizes`);
    const [outputs = 0, perGroup = 0, ...kernel] = weight;
    if (group < 1 || outputs % group !== 0 || (typeof channels === 'number' && channels !== perGroup * group)) {
      throw new OperatorFault(
        'shape-mismatch',
        `${call.op} has ${channels} input channels in ${group} groups, weights ${formatShape(weight)}`,
      );
    }
    return [{ type: { dtype: 'int32', shape: [batch, outputs, ...slide(call, map, windowOf(call.attrs, kernel))] } }];
  },
});

/**
 * Transposed convolution: x [N, C, H, W], w [C, M/group, kH, kW] → int32 [N, M, H', W'] (ONNX ConvTranspose with
 * explicit pads).
 */
export const convTranspose: Operator = quantised({
  name: 'ConvTranspose',
  inputs: [2, 2],
  attributes: {
    ...WINDOW,
    dilations: { kind: 'ints', required: true },
    group: { kind: 'int', required: true },
    output_padding: { kind: 'ints', required: true },
  },
  infer: (call) => {
    const { shape } = typedInput(call, 0, ACTIVATION_TYPES, 4).type;
    const weight = typedInput(call, 1, WEIGHT_TYPES, 4).type.shape;
    if (!isStatic(weight)) throw new OperatorFault('dynamic-shape', `the weights of ${call.op} have symbolic sizes`);
    return [{ type: { dtype: 'int32', shape: transposedShape(call, shape, weight) } }];
  },
});

/** Σ w·x: x [N, K], w [K, M] → int32 [N, M]; a symbolic K is what w says. */
export const matMul: Operator = quantised({
  name: 'MatMul',
  inputs: [2, 2],
  attributes: {},
  infer: (call) => {
    const [batch = 1, features] = typedInput(call, 0, ACTIVATION_TYPES, 2).type.shape;
    const [rows, columns = 1] = typedInput(call, 1, WEIGHT_TYPES, 2).type.shape;
    if (typeof features === 'number' && features !== rows) {
      throw new OperatorFault('shape-mismatch', `${call.op} multiplies ${features} features by ${rows} rows`);
    }
    return [{ type: { dtype: 'int32', shape: [batch, columns] } }];
  },
});

/** Sum over the whole map of each channel: [N, C, H, W] → int32 [N, C, 1, 1] (spec 1.3). */
export const globalSum: Operator = quantised({
  name: 'GlobalSum',
  inputs: [1, 1],
  attributes: {},
  infer: (call) => {
    const { batch, channels } = mapOf(typedInput(call, 0, ACTIVATION_TYPES, 4).type.shape);
    return [{ type: { dtype: 'int32', shape: [batch, channels, 1, 1] } }];
  },
});

/** clip(((acc + bias) · scale) >> shift, lo, hi) with bias, scale, shift per channel on axis 1 (spec 1.2). */
export const bnorm: Operator = quantised({
  name: 'Bnorm',
  inputs: [4, 4],
  attributes: CLIP,
  infer: (call) => {
    const { shape } = typedInput(call, 0, ['int32']).type;
    const channels = shape[1];
    if (channels === undefined) {
      throw new OperatorFault('shape-mismatch', `${call.op} of ${formatShape(shape)} has no channel axis`);
    }
    for (let index = 1; index <= 3; index++) checkPerChannel(call, index, typedInput(call, index, ['int32']), channels);
    return [{ type: { dtype: clippedType(call), shape } }];
  },
});

/** clip(a + b, lo, hi) of two activations of one scale, broadcast as ONNX Add does (spec 1.5). */
export const add: Operator = quantised({
  name: 'Add',
  inputs: [2, 2],
  attributes: CLIP,
  infer: (call) => {
    const operands = [0, 1].map((index) => typedInput(call, index, ACTIVATION_TYPES));
    return [{ type: { dtype: clippedType(call), shape: commonShape(call, operands) } }];
  },
});

/** The type of q.Clip's result: that of its input when it has 8 bits and holds lo … hi, else the narrowest that does. */
export function clipResultType(dtype: DType, lo: number, hi: number): DType {
  const own = integerRange(dtype);
  return dtype !== 'int16' && own.lo <= lo && hi <= own.hi ? dtype : activationType(lo, hi);
}

/**
 * clip(x, lo, hi) of an activation that is also read without the bounds (spec 1.2). 8 bits keep their type, so that the
 * result may stand beside other tensors of its scale and signedness; wider integers become the narrowest that hold the range.
 */
export const clip: Operator = quantised({
  name: 'Clip',
  inputs: [1, 1],
  attributes: CLIP,
  infer: (call) => {
    const { dtype, shape } = typedInput(call, 0, ACTIVATION_TYPES).type;
    clippedType(call);
    return [{ type: { dtype: clipResultType(dtype, call.attrs.int('lo'), call.attrs.int('hi')), shape } }];
  },
});

export const QUANTISED_OPERATORS: readonly Operator[] = [
  quantize,
  dequantize,
  inputNorm,
  conv,
  convTranspose,
  matMul,
  globalSum,
  bnorm,
  add,
  clip,
];
