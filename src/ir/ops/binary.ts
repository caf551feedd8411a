import type { DType } from '../dtype.js';
import type { Dim } from '../shape.js';
import { FLAG } from './attribute-specs.js';
import {
  addDims,
  combineContents,
  divideDims,
  equalDims,
  fits,
  largerDim,
  multiplyDims,
  smallerDim,
  subtractDims,
} from './contents.js';
import { FLOAT_TYPES, INTEGER_TYPES, NUMERIC_TYPES, UNSIGNED_INTEGER_TYPES } from './element-types.js';
import { allInputs, commonDType, commonShape } from './elementwise-inference.js';
import { operator, OperatorFault, required, type InferenceCall, type Operator } from './operator.js';

interface BroadcastSpec {
  readonly name: string;
  readonly since: number;
  readonly types: readonly DType[];
  /** Two inputs when left out. */
  readonly inputs?: Operator['inputs'];
  readonly attributes?: Operator['attributes'];
  /** The type of the operands when left out. */
  readonly result?: DType;
  readonly contents?: (a: Dim, b: Dim) => Dim | undefined;
  /** @throws OperatorFault when attribute and type do not go together. */
  readonly check?: (call: InferenceCall, dtype: DType) => void;
}

/** Inputs of one type, broadcast against each other. */
function broadcasting({ result, contents, check, inputs = [2, 2], ...spec }: BroadcastSpec): Operator {
  return operator({
    ...spec,
    inputs,
    infer(call) {
      const operands = allInputs(call);
      const dtype = commonDType(call, operands);
      check?.(call, dtype);
      return [
        {
          type: { dtype: result ?? dtype, shape: commonShape(call, operands) },
          contents: contents && combineContents(operands, (dims) => fold(dims, dtype, contents)),
        },
      ];
    },
  });
}

/** `rule` over the operands from the left. */
function fold(dims: readonly Dim[], dtype: DType, rule: (a: Dim, b: Dim) => Dim | undefined): Dim | undefined {
  let folded = dims[0];
  for (const dim of dims.slice(1)) {
    if (folded === undefined) return undefined;
    folded = fits(dtype, rule(folded, dim));
  }
  return folded;
}

const arithmetic = (name: string, contents: BroadcastSpec['contents']): Operator =>
  broadcasting({ name, since: 7, types: NUMERIC_TYPES, ...(contents && { contents }) });

const variadic = (name: string, types: readonly DType[], contents?: BroadcastSpec['contents']): Operator =>
  broadcasting({ name, since: 8, types, inputs: [1, Infinity], ...(contents && { contents }) });

const logical = (name: string): Operator => broadcasting({ name, since: 7, types: ['bool'] });

const bitwise = (name: string): Operator => broadcasting({ name, since: 18, types: INTEGER_TYPES });

const comparison = (name: string, since: number): Operator =>
  broadcasting({ name, since, types: NUMERIC_TYPES, result: 'bool' });

/** Mod: the sign of the divisor, or with `fmod` 1 that of the dividend as in C; floats have the second form only. */
const mod = broadcasting({
  name: 'Mod',
  since: 10,
  types: NUMERIC_TYPES,
  attributes: { fmod: FLAG },
  check(call, dtype) {
    if (!FLOAT_TYPES.includes(dtype) || call.attrs.int('fmod', 0) === 1) return;
    throw new OperatorFault('invalid-attribute', `Mod of ${dtype} has fmod 0, 1 is accepted for floats`);
  },
});

/** Pow: the result has the type of the base, the exponent may be of another. */
const pow = operator({
  name: 'Pow',
  since: 12,
  inputs: [2, 2],
  types: [...FLOAT_TYPES, 'int32', 'int64'],
  infer(call) {
    const base = required(call, 0);
    const exponent = required(call, 1);
    if (!NUMERIC_TYPES.includes(exponent.type.dtype)) {
      throw new OperatorFault(
        'unsupported-type',
        `the exponent of Pow is ${exponent.type.dtype}, a number is accepted`,
      );
    }
    return [{ type: { dtype: base.type.dtype, shape: commonShape(call, [base, exponent]) } }];
  },
});

/** Operators whose inputs broadcast against each other. */
export const BINARY_OPERATORS: readonly Operator[] = [
  arithmetic('Add', addDims),
  arithmetic('Sub', subtractDims),
  arithmetic('Mul', multiplyDims),
  arithmetic('Div', divideDims),
  variadic('Min', NUMERIC_TYPES, smallerDim),
  variadic('Max', NUMERIC_TYPES, largerDim),
  variadic('Sum', FLOAT_TYPES),
  variadic('Mean', FLOAT_TYPES),
  mod,
  pow,
  logical('And'),
  logical('Or'),
  logical('Xor'),
  bitwise('BitwiseAnd'),
  bitwise('BitwiseOr'),
  bitwise('BitwiseXor'),
  broadcasting({
    name: 'BitShift',
    since: 11,
    types: UNSIGNED_INTEGER_TYPES,
    attributes: { direction: { kind: 'string', required: true, oneOf: ['LEFT', 'RIGHT'] } },
  }),
  broadcasting({ name: 'Equal', since: 11, types: [...NUMERIC_TYPES, 'bool'], result: 'bool', contents: equalDims }),
  comparison('Greater', 9),
  comparison('GreaterOrEqual', 12),
  comparison('Less', 9),
  comparison('LessOrEqual', 12),
];
