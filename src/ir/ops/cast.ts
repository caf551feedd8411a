import { isInteger, type DType } from '../dtype.js';
import { dataTypeName, dtypeOfCode } from '../onnx/data-type.js';
import { FLAG } from './attribute-specs.js';
import { fits, smallContents } from './contents.js';
import { operator, OperatorFault, required, type InferenceCall, type Operator, type ResultFacts } from './operator.js';

/**
 * The element type that an attribute names by its `TensorProto.DataType` code.
 * @throws OperatorFault for types that quantc does not compute with (strings, complex numbers).
 */
export function dtypeAttribute(call: InferenceCall, name: string): DType {
  const code = call.attrs.int(name);
  const dtype = dtypeOfCode(code);
  if (dtype !== undefined) return dtype;
  throw new OperatorFault(
    'unsupported-type',
    `attribute ${name} of ${call.op} is ${dataTypeName(code)}, accepted: floats, integers, BOOL`,
  );
}

/** The input under another element type; integers that the new type holds as they are stay known. */
function convert(call: InferenceCall, dtype: DType): readonly ResultFacts[] {
  const facts = required(call, 0);
  const known = isInteger(facts.type.dtype) || facts.type.dtype === 'bool' ? smallContents(facts) : undefined;
  const kept = known?.every((dim) => fits(dtype, dim) !== undefined) === true;
  return [
    {
      type: { dtype, shape: facts.type.shape },
      contents: kept && (dtype === 'int64' || dtype === 'int32') ? known : undefined,
    },
  ];
}

/**
 * Cast: every element converted to the type `to`. `saturate` and `round_mode` concern floats of 8 bits only.
 */
export const cast: Operator = operator({
  name: 'Cast',
  since: 6,
  inputs: [1, 1],
  attributes: {
    to: { kind: 'int', required: true },
    saturate: FLAG,
    round_mode: { kind: 'string', oneOf: ['up', 'down', 'nearest'] },
  },
  infer: (call) => convert(call, dtypeAttribute(call, 'to')),
});

/** CastLike: every element converted to the type of the second input. */
export const castLike: Operator = operator({
  name: 'CastLike',
  since: 15,
  inputs: [2, 2],
  attributes: {
    saturate: FLAG,
    round_mode: { kind: 'string', oneOf: ['up', 'down', 'nearest'] },
  },
  infer: (call) => convert(call, required(call, 1).type.dtype),
});
