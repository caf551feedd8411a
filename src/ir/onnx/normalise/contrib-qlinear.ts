import { Attributes } from '../../attributes.js';
import { normaliseAxis } from '../../shape.js';
import { Tensor } from '../../tensor.js';
import { codeOfDType } from '../data-type.js';
import type { Operand } from '../emitter.js';
import type { Draft } from './draft.js';
import { scalarOf, type NormalRule } from './rule.js';
import { shapeOperand, singleAxis } from './softmax.js';

const SPELT_OUT = 'it is spelt out as dequantisation, the float operator and quantisation';

/** The real numbers of a quantised tensor at inputs `at`, `at + 1` (scale) and `at + 2` (zero point). */
const real = (draft: Draft, at: number): Operand =>
  draft.before('DequantizeLinear', [draft.input(at), draft.input(at + 1), draft.inputs[at + 2]]);

/** Makes the node the quantisation of `result` with the scale at input `at` and the zero point behind it, 0 of type `like`. */
function quantise(draft: Draft, result: Operand, at: number, like: number): void {
  const zeroPoint = draft.inputs[at + 1] ?? draft.constant(scalarOf(draft.dtype(like), 0), 'zero_point');
  draft.inputs = [result, draft.input(at), zeroPoint];
  draft.op = 'QuantizeLinear';
  draft.attrs = Attributes.none;
}

/** An operator of one tensor: x, its scale and zero point, scale and zero point of the result. */
const unary = (name: string, op: string): NormalRule => ({
  ops: [`com.microsoft.${name}`],
  apply(draft) {
    quantise(draft, draft.before(op, [real(draft, 0)], draft.attrs), 3, 0);
    return SPELT_OUT;
  },
});

/** An operator of two tensors, each with scale and zero point, and those of the result. */
const binary = (name: string, op: string): NormalRule => ({
  ops: [`com.microsoft.${name}`],
  apply(draft) {
    quantise(draft, draft.before(op, [real(draft, 0), real(draft, 3)]), 6, 0);
    return SPELT_OUT;
  },
});

/** A pool of one tensor, between transpositions when its channels come last. */
const pool = (name: string, op: string): NormalRule => ({
  ops: [`com.microsoft.${name}`],
  apply(draft) {
    const isLast = draft.attrs.int('channels_last', 0) !== 0;
    draft.drop('channels_last');
    const axes = Array.from(isLast ? draft.shape(0) : [], (_, axis) => axis);
    const [batch = 0, channels = 1, ...spatial] = axes;
    if (isLast) {
      const perm = [batch, axes.length - 1, ...axes.slice(1, -1)];
      draft.inputs[0] = draft.before('Transpose', [draft.input(0)], Attributes.of({ perm }));
    }
    quantise(draft, draft.before(op, [real(draft, 0)], draft.attrs), 3, 0);
    if (!isLast) return SPELT_OUT;
    const perm = [batch, ...spatial, channels];
    draft.after = (result) => ({ op: 'Transpose', inputs: [result], attrs: Attributes.of({ perm }) });
    return `the channels go first; ${SPELT_OUT}`;
  },
});

/** The attribute opset says whether all axes from `axis` on count as one, as they did before opset 13. */
const SOFTMAX: NormalRule = {
  ops: ['com.microsoft.QLinearSoftmax'],
  apply(draft) {
    const shape = draft.shape(0);
    const axis = normaliseAxis(draft.attrs.int('axis', -1), shape.length);
    const isLate = draft.attrs.int('opset', 13) >= 13;
    draft.drop('opset');
    const single = isLate || axis === undefined ? axis : singleAxis(shape, axis);
    if (axis === undefined || single !== undefined) {
      if (single !== undefined) draft.set('axis', single);
      quantise(draft, draft.before('Softmax', [real(draft, 0)], draft.attrs), 3, 0);
      return SPELT_OUT;
    }
    const flat = draft.before('Flatten', [real(draft, 0)], Attributes.of({ axis }));
    const rows = draft.before('Softmax', [flat], Attributes.of({ axis: 1 }));
    const allowzero = shape.includes(0) ? Attributes.of({ allowzero: 1 }) : Attributes.none;
    quantise(draft, draft.before('Reshape', [rows, shapeOperand(draft, shape, axis)], allowzero), 3, 0);
    return SPELT_OUT;
  },
};

/** A condition, and two tensors with scale and zero point, and those of the result. */
const WHERE: NormalRule = {
  ops: ['com.microsoft.QLinearWhere'],
  apply(draft) {
    quantise(draft, draft.before('Where', [draft.input(0), real(draft, 1), real(draft, 4)]), 7, 1);
    return SPELT_OUT;
  },
};

const CONCAT: NormalRule = {
  ops: ['com.microsoft.QLinearConcat'],
  apply(draft) {
    const tensors = Array.from({ length: Math.floor((draft.inputs.length - 2) / 3) }, (_, i) => real(draft, 2 + 3 * i));
    quantise(draft, draft.before('Concat', tensors, draft.attrs), 0, 2);
    return SPELT_OUT;
  },
};

const REDUCE_MEAN: NormalRule = {
  ops: ['com.microsoft.QLinearReduceMean'],
  apply(draft) {
    const axes = draft.attrs.has('axes') ? draft.constant(Tensor.int64(draft.attrs.ints('axes')), 'axes') : undefined;
    draft.drop('axes');
    quantise(draft, draft.before('ReduceMean', [real(draft, 0), axes], draft.attrs), 3, 0);
    return SPELT_OUT;
  },
};

const transposed = (draft: Draft, index: number, attribute: string): Operand =>
  draft.attrs.int(attribute, 0) === 0 ? draft.input(index) : draft.before('Transpose', [draft.input(index)]);

/**
 * QGemm: int32 product and addend, as float32 times alpha · a_scale · b_scale, or times that by y_scale and rounded. Both
 * take the steps of ONNX Runtime in its order.
 */
const GEMM: NormalRule = {
  ops: ['com.microsoft.QGemm'],
  apply(draft) {
    const a = transposed(draft, 0, 'transA');
    const b = transposed(draft, 3, 'transB');
    let sums = draft.before('MatMulInteger', [a, b, draft.inputs[2], draft.inputs[5]]);
    if (draft.has(6)) sums = draft.before('Add', [sums, draft.input(6)]);
    const float32 = Attributes.of({ to: codeOfDType('float32') });
    const numbers = draft.before('Cast', [sums], float32);
    const alpha = draft.attrs.float('alpha', 1);
    const left = draft.input(1);
    const scaled =
      alpha === 1 ? left : draft.before('Mul', [draft.constant(scalarOf('float32', alpha), 'alpha'), left]);
    let scale = draft.before('Mul', [scaled, draft.input(4)]);
    draft.attrs = Attributes.none;
    if (!draft.has(7)) {
      draft.op = 'Mul';
      draft.inputs = [numbers, scale];
      return 'it is spelt out as MatMulInteger and Mul';
    }
    scale = draft.before('Div', [scale, draft.input(7)]);
    const zeroPoint = draft.inputs[8] ?? draft.constant(scalarOf(draft.dtype(0), 0), 'zero_point');
    draft.op = 'QuantizeLinear';
    draft.inputs = [draft.before('Mul', [numbers, scale]), draft.constant(scalarOf('float32', 1), 'one'), zeroPoint];
    return 'it is spelt out as MatMulInteger, Mul and QuantizeLinear';
  },
};

/** ONNX Runtime knew 16- and 4-bit integers before the standard did. */
const RENAMED: NormalRule = {
  ops: ['com.microsoft.QuantizeLinear', 'com.microsoft.DequantizeLinear'],
  apply(draft) {
    draft.op = draft.op.replace('com.microsoft.', '');
    return 'the standard has it';
  },
};

/** Operators on quantised tensors as ONNX Runtime's quantiser writes them. */
export const QLINEAR_RULES: readonly NormalRule[] = [
  binary('QLinearAdd', 'Add'),
  binary('QLinearMul', 'Mul'),
  unary('QLinearSigmoid', 'Sigmoid'),
  unary('QLinearLeakyRelu', 'LeakyRelu'),
  pool('QLinearAveragePool', 'AveragePool'),
  pool('QLinearGlobalAveragePool', 'GlobalAveragePool'),
  SOFTMAX,
  WHERE,
  CONCAT,
  REDUCE_MEAN,
  GEMM,
  RENAMED,
];
