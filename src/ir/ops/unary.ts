import type { DType } from '../dtype.js';
import { FLAG, FLOAT } from './attribute-specs.js';
import { FLOAT_TYPES, INTEGER_TYPES, NUMERIC_TYPES, SIGNED_INTEGER_TYPES } from './element-types.js';
import { operator, required, type Operator } from './operator.js';

/** One input and one result of the same type, or of the type `result`. */
function unary(
  name: string,
  since: number,
  types: readonly DType[] = FLOAT_TYPES,
  attributes: Operator['attributes'] = {},
  result?: DType,
): Operator {
  return operator({
    name,
    since,
    inputs: [1, 1],
    types,
    attributes,
    infer(call) {
      const { dtype, shape } = required(call, 0).type;
      return [{ type: { dtype: result ?? dtype, shape } }];
    },
  });
}

/** Operators that map each element of their only input. */
export const UNARY_OPERATORS: readonly Operator[] = [
  unary('Abs', 6, NUMERIC_TYPES),
  unary('Acos', 7),
  unary('Acosh', 9),
  unary('Asin', 7),
  unary('Asinh', 9),
  unary('Atan', 7),
  unary('Atanh', 9),
  unary('BitwiseNot', 18, INTEGER_TYPES),
  unary('Ceil', 6),
  unary('Celu', 12, FLOAT_TYPES, { alpha: FLOAT }),
  unary('Cos', 7),
  unary('Cosh', 9),
  unary('Elu', 6, FLOAT_TYPES, { alpha: FLOAT }),
  unary('Erf', 9),
  unary('Exp', 6),
  unary('Floor', 6),
  unary('Gelu', 20, FLOAT_TYPES, { approximate: { kind: 'string', oneOf: ['none', 'tanh'] } }),
  unary('HardSigmoid', 6, FLOAT_TYPES, { alpha: FLOAT, beta: FLOAT }),
  unary('HardSwish', 14),
  unary('IsInf', 10, FLOAT_TYPES, { detect_negative: FLAG, detect_positive: FLAG }, 'bool'),
  unary('IsNaN', 9, FLOAT_TYPES, {}, 'bool'),
  unary('LeakyRelu', 6, FLOAT_TYPES, { alpha: FLOAT }),
  unary('Log', 6),
  unary('Mish', 18),
  unary('Neg', 6, [...FLOAT_TYPES, ...SIGNED_INTEGER_TYPES]),
  unary('Not', 1, ['bool']),
  unary('Reciprocal', 6),
  unary('Relu', 6, [...FLOAT_TYPES, ...SIGNED_INTEGER_TYPES]),
  unary('Round', 11),
  unary('Selu', 6, FLOAT_TYPES, { alpha: FLOAT, gamma: FLOAT }),
  unary(
    'Shrink',
    9,
    NUMERIC_TYPES.filter((dtype) => dtype !== 'int64' && dtype !== 'uint64'),
    { bias: FLOAT, lambd: FLOAT },
  ),
  unary('Sigmoid', 6),
  unary('Sign', 9, NUMERIC_TYPES),
  unary('Sin', 7),
  unary('Sinh', 9),
  unary('Softplus', 1),
  unary('Softsign', 1),
  unary('Sqrt', 6),
  unary('Swish', 24, FLOAT_TYPES, { alpha: FLOAT }),
  unary('Tan', 7),
  unary('Tanh', 6),
  unary('ThresholdedRelu', 10, FLOAT_TYPES, { alpha: FLOAT }),
];
