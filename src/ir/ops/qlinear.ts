import type { DType } from '../dtype.js';
import { formatShape, type Dim } from '../shape.js';
import { convInteger, checkChannelList } from './conv.js';
import { checkDType, checkSingleElement } from './elementwise-inference.js';
import { matMulInteger } from './matmul.js';
import { operator, OperatorFault, required, type InferenceCall, type InputFacts, type Operator } from './operator.js';
import { unifyDims } from './symbolic.js';
import { WINDOW_ATTRIBUTES } from './window.js';

const BYTES: readonly DType[] = ['uint8', 'int8'];
const SCALE_TYPES: readonly DType[] = ['float32', 'float16', 'bfloat16'];

/** Inputs of ConvInteger and MatMulInteger among those of QLinearConv and QLinearMatMul: operands, zero points. */
export const OPERAND_INPUTS = [0, 3, 2, 5] as const;

function scaleAt(call: InferenceCall, index: number, accepted: readonly DType[]): InputFacts {
  const facts = required(call, index);
  if (accepted.includes(facts.type.dtype)) return facts;
  throw new OperatorFault(
    'unsupported-type',
    `the scale at input ${index} of ${call.op} is ${facts.type.dtype}, accepted: ${accepted.join(', ')}`,
  );
}

/** The accumulator's shape, as the integer product says, and the type of the result's zero point. */
function quantisedResult(
  call: InferenceCall,
  product: Operator,
  scales: readonly DType[],
): [dtype: DType, shape: Dim[]] {
  scaleAt(call, 1, scales);
  scaleAt(call, 4, scales);
  checkSingleElement(call, 6, scaleAt(call, 6, scales));
  const zeroPoint = required(call, 7);
  checkSingleElement(call, 7, zeroPoint);
  const { dtype } = zeroPoint.type;
  if (!BYTES.includes(dtype)) {
    throw new OperatorFault(
      'unsupported-type',
      `the zero point of ${call.op}'s result is ${dtype}, accepted: ${BYTES.join(', ')}`,
    );
  }
  const [result] = product.infer({ ...call, inputs: OPERAND_INPUTS.map((index) => required(call, index)) });
  return [dtype, [...(result?.type.shape ?? [])]];
}

/**
 * Convolution of bytes, requantised: saturate(round(acc · (x_scale · w_scale / y_scale)) + zero point), halves to even,
 * where acc is the int32 sum of ConvInteger and a bias of scale x_scale · w_scale (ONNX QLinearConv).
 */
export const qLinearConv: Operator = operator({
  name: 'QLinearConv',
  since: 10,
  inputs: [8, 9],
  attributes: { ...WINDOW_ATTRIBUTES, group: { kind: 'int' } },
  types: BYTES,
  infer(call) {
    const [dtype, shape] = quantisedResult(call, convInteger, ['float32']);
    const filters = shape[1] ?? 1;
    checkSingleElement(call, 1, required(call, 1));
    const scale = required(call, 4).type.shape;
    if (scale.length > 0 && scale[0] !== 1) checkChannelList(call, 'scale of the weights', scale, filters);
    const bias = call.inputs[8];
    if (bias !== undefined) {
      checkDType(call, 8, bias, 'int32');
      checkChannelList(call, 'bias', bias.type.shape, filters);
    }
    return [{ type: { dtype, shape } }];
  },
});

/** @throws OperatorFault unless the scale is a scalar or has one entry a line of the operand's matrices. */
function checkLineScale(call: InferenceCall, index: number, lines: Dim): void {
  const { shape } = required(call, index).type;
  const wide = shape.filter((dim) => dim !== 1);
  if (wide.length === 0 || (wide.length === 1 && unifyDims(wide[0] ?? 1, lines) !== undefined)) return;
  throw new OperatorFault(
    'shape-mismatch',
    `the scale at input ${index} of ${call.op} has shape ${formatShape(shape)}, accepted: scalar or ${formatShape([lines])}`,
  );
}

/**
 * Product of matrices of bytes, requantised as QLinearConv does; scales and zero points of the operands are scalars, or
 * one a row on the left and one a column on the right (ONNX QLinearMatMul). Scales other than float32 ask for opset 21.
 */
export const qLinearMatMul: Operator = operator({
  name: 'QLinearMatMul',
  since: 10,
  inputs: [8, 8],
  types: BYTES,
  infer(call) {
    const [dtype, shape] = quantisedResult(call, matMulInteger, SCALE_TYPES);
    checkLineScale(call, 1, required(call, 0).type.shape.at(-2) ?? 1);
    const b = required(call, 3).type.shape;
    checkLineScale(call, 4, b.length === 1 ? 1 : (b.at(-1) ?? 1));
    return [{ type: { dtype, shape } }];
  },
});
