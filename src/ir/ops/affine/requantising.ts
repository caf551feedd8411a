import { broadcastShapes, formatShape, sameShape } from '../../shape.js';
import { FLAG } from '../attribute-specs.js';
import { commonShape } from '../elementwise-inference.js';
import { operator, OperatorFault, required, type InferenceCall, type Operator } from '../operator.js';
import { averagePool as floatAveragePool } from '../pool.js';
import { reducedShape, reductionAxes } from '../reduce.js';
import { bitsOf, integerRange } from '../../dtype.js';
import {
  ACCUMULATOR_TYPES,
  AFFINE_TYPES,
  BOUNDS,
  checkMultiplier,
  checkZeroPoint,
  operand,
  resultType,
  typed,
} from './operands.js';

type Spec = Pick<Operator, 'name' | 'inputs' | 'infer'> & { readonly attributes?: Operator['attributes'] };

const affine = (spec: Spec): Operator => operator({ ...spec, domain: 'qa', since: 1 });

/** An operator whose result is clip(roundHalfEven(exact value) + zero point) in the zero point's type, or `lo` … `hi`. */
const requantising = ({ attributes, ...spec }: Spec): Operator =>
  affine({
    ...spec,
    attributes: { ...attributes, ...BOUNDS },
    infer(call) {
      const results = spec.infer(call);
      for (const { type } of results) checkBounds(call, integerRange(type.dtype));
      return results;
    },
  });

function checkBounds({ attrs, op }: InferenceCall, range: { readonly lo: number; readonly hi: number }): void {
  const lo = attrs.int('lo', range.lo);
  const hi = attrs.int('hi', range.hi);
  if (range.lo <= lo && lo <= hi && hi <= range.hi) return;
  throw new OperatorFault(
    'invalid-attribute',
    `${op} clips to ${lo} … ${hi}, accepted: ordered and within ${range.lo} … ${range.hi}`,
  );
}

/**
 * saturate(roundHalfEven(acc · multiplier) + zero): the product is the exact one of the integer and the float64 number,
 * so a tie is a tie of real numbers. The multiplier broadcasts into the accumulator: a scalar, or one a channel.
 */
export const requantize: Operator = requantising({
  name: 'Requantize',
  inputs: [3, 3],
  infer(call) {
    const { shape } = typed(call, 0, ACCUMULATOR_TYPES).type;
    const multiplier = typed(call, 1, ['float64']).type.shape;
    const joint = broadcastShapes(shape, multiplier);
    if (joint === undefined || !sameShape(joint, shape)) {
      throw new OperatorFault(
        'shape-mismatch',
        `the multiplier of ${call.op} has shape ${formatShape(multiplier)}, it must broadcast into ${formatShape(shape)}`,
      );
    }
    return [{ type: { dtype: resultType(call, 2), shape } }];
  },
});

/**
 * saturate(roundHalfEven((a − a_zero) · a_multiplier + (b − b_zero) · b_multiplier) + zero), the sum exact, of operands
 * that broadcast; a negative multiplier subtracts. Inputs: a, b, a_zero, b_zero, a_multiplier, b_multiplier, zero.
 */
export const add: Operator = requantising({
  name: 'Add',
  inputs: [7, 7],
  infer(call) {
    const shape = commonShape(call, [operand(call, 0), operand(call, 1)]);
    checkZeroPoint(call, 2, 0);
    checkZeroPoint(call, 3, 1);
    checkMultiplier(call, 4);
    checkMultiplier(call, 5);
    return [{ type: { dtype: resultType(call, 6), shape } }];
  },
});

/**
 * saturate(roundHalfEven((a − a_zero) · (b − b_zero) · multiplier) + zero), the product exact, of operands that
 * broadcast. Inputs: a, b, a_zero, b_zero, multiplier, zero.
 */
export const mul: Operator = requantising({
  name: 'Mul',
  inputs: [6, 6],
  infer(call) {
    const shape = commonShape(call, [operand(call, 0), operand(call, 1)]);
    checkZeroPoint(call, 2, 0);
    checkZeroPoint(call, 3, 1);
    checkMultiplier(call, 4);
    return [{ type: { dtype: resultType(call, 5), shape } }];
  },
});

/**
 * saturate(roundHalfEven(Σ (x − x_zero) · multiplier / count) + zero) over windows as those of ONNX AveragePool, exact;
 * a window that counts nothing gives the zero point. Inputs: x, x_zero, multiplier, zero.
 */
export const averagePool: Operator = requantising({
  name: 'AveragePool',
  inputs: [4, 4],
  attributes: floatAveragePool.attributes,
  infer(call) {
    operand(call, 0);
    checkZeroPoint(call, 1, 0);
    checkMultiplier(call, 2);
    const [{ type } = { type: required(call, 0).type }] = floatAveragePool.infer(call);
    return [{ type: { dtype: resultType(call, 3), shape: type.shape } }];
  },
});

/** The call of ReduceMean or ReduceSum that has the axes of qa.ReduceMean, its last input. */
export const reductionCall = (call: InferenceCall): InferenceCall => ({
  ...call,
  inputs: [call.inputs[0], call.inputs[4]],
});

/**
 * saturate(roundHalfEven(Σ (x − x_zero) · multiplier / count) + zero) over axes, exact. Inputs: x, x_zero, multiplier,
 * zero, axes.
 */
export const reduceMean: Operator = requantising({
  name: 'ReduceMean',
  inputs: [5, 5],
  attributes: { keepdims: FLAG },
  infer(call) {
    const { shape } = operand(call, 0).type;
    checkZeroPoint(call, 1, 0);
    checkMultiplier(call, 2);
    const axes = reductionAxes(reductionCall(call));
    if (axes === undefined) throw new OperatorFault('dynamic-shape', `the axes of ${call.op} are not constant`);
    const reduced = reducedShape(shape, axes, call.attrs.int('keepdims', 1) === 1);
    return [{ type: { dtype: resultType(call, 3), shape: reduced } }];
  },
});

/** table[x − lowest], where lowest is the least integer of x's type: any function of one tensor of up to 16 bits. */
export const table: Operator = affine({
  name: 'Table',
  inputs: [2, 2],
  infer(call) {
    const { dtype, shape } = operand(call, 0).type;
    const entries = typed(call, 1, AFFINE_TYPES).type;
    const size = 2 ** bitsOf(dtype);
    if (entries.shape.length !== 1 || entries.shape[0] !== size) {
      throw new OperatorFault(
        'shape-mismatch',
        `the table of ${call.op} has shape ${formatShape(entries.shape)}, ${size} entries are accepted for ${dtype}`,
      );
    }
    return [{ type: { dtype: entries.dtype, shape } }];
  },
});

export const REQUANTISING: readonly Operator[] = [requantize, add, mul, averagePool, reduceMean, table];
