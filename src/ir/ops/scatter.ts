import { formatShape, type Shape } from '../shape.js';
import { NUMERIC_TYPES } from './element-types.js';
import { checkedAxis, checkIndexType } from './facts.js';
import { checkElementIndices, tupleLength } from './gather.js';
import {
  operator,
  OperatorFault,
  required,
  type AttributeSpec,
  type InferenceCall,
  type Operator,
} from './operator.js';
import { unifyDims } from './symbolic.js';

const reduction: AttributeSpec = { kind: 'string', oneOf: ['none', 'add', 'mul', 'max', 'min'] };

function checkUpdates(call: InferenceCall, expected: Shape): void {
  const { type } = required(call, 2);
  const data = required(call, 0).type;
  if (call.attrs.string('reduction', 'none') !== 'none' && !NUMERIC_TYPES.includes(data.dtype)) {
    throw new OperatorFault('unsupported-type', `${call.op} with a reduction of ${data.dtype} is not supported`);
  }
  if (type.dtype !== data.dtype) {
    throw new OperatorFault(
      'unsupported-type',
      `the updates of ${call.op} are ${type.dtype}, the data are ${data.dtype}; they must agree`,
    );
  }
  const { shape } = type;
  if (shape.length === expected.length && shape.every((dim, i) => unifyDims(dim, expected[i] ?? 1) !== undefined))
    return;
  throw new OperatorFault(
    'shape-mismatch',
    `the updates of ${call.op} have shape ${formatShape(shape)}, ${formatShape(expected)} is accepted`,
  );
}

/** ScatterElements: a copy of the data with single elements replaced by, or reduced with, the updates. */
export const scatterElements: Operator = operator({
  name: 'ScatterElements',
  since: 16,
  inputs: [3, 3],
  attributes: { axis: { kind: 'int' }, reduction },
  infer(call) {
    const { type } = required(call, 0);
    const indices = required(call, 1);
    checkIndexType(call, 1, indices);
    const axis = checkedAxis(call, call.attrs.int('axis', 0), type.shape.length);
    checkElementIndices(call, type.shape, indices.type.shape, axis);
    checkUpdates(call, indices.type.shape);
    return [{ type }];
  },
});

/** ScatterND: a copy of the data with the slices that index tuples select replaced by, or reduced with, the updates. */
export const scatterND: Operator = operator({
  name: 'ScatterND',
  since: 16,
  inputs: [3, 3],
  attributes: { reduction },
  infer(call) {
    const { type } = required(call, 0);
    const indices = required(call, 1);
    checkIndexType(call, 1, indices);
    const tuple = tupleLength(call, type.shape, indices.type.shape, 0);
    checkUpdates(call, [...indices.type.shape.slice(0, -1), ...type.shape.slice(tuple)]);
    return [{ type }];
  },
});
