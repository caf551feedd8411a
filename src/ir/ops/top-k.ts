import type { Dim } from '../shape.js';
import { FLAG, INT } from './attribute-specs.js';
import { NUMERIC_TYPES } from './element-types.js';
import { checkedAxis, integersOf } from './facts.js';
import { checkDType, checkSingleElement } from './elementwise-inference.js';
import { operator, OperatorFault, required, type Operator } from './operator.js';

/**
 * TopK: the K largest (smallest) elements along `axis` and their indices; of equal ones the lower index comes first.
 * Results are in order whether `sorted` asks for it or not.
 */
export const topK: Operator = operator({
  name: 'TopK',
  since: 11,
  inputs: [2, 2],
  outputs: [1, 2],
  types: NUMERIC_TYPES,
  attributes: { axis: INT, largest: FLAG, sorted: FLAG },
  infer(call) {
    const { dtype, shape } = required(call, 0).type;
    const axis = checkedAxis(call, call.attrs.int('axis', -1), shape.length);
    const count = required(call, 1);
    checkDType(call, 1, count, 'int64');
    checkSingleElement(call, 1, count);
    const k: Dim = integersOf(count)?.[0] ?? call.freshDim();
    const size = shape[axis];
    if (typeof k === 'number' && (k < 0 || (typeof size === 'number' && k > size))) {
      throw new OperatorFault('invalid-input', `TopK asks for ${k} elements of an axis of size ${String(size)}`);
    }
    const selected = shape.with(axis, k);
    return [{ type: { dtype, shape: selected } }, { type: { dtype: 'int64', shape: selected } }];
  },
});
