import { FLAG } from './attribute-specs.js';
import { FLOAT_TYPES } from './element-types.js';
import { checkedAxis, checkIndexType, integersOf } from './facts.js';
import { checkSingleElement } from './elementwise-inference.js';
import { operator, required, type Operator } from './operator.js';

/** CumSum: running sums along the axis of input 1, of the elements before each when `exclusive`, from the end when `reverse`. */
export const cumSum: Operator = operator({
  name: 'CumSum',
  since: 11,
  inputs: [2, 2],
  types: [...FLOAT_TYPES, 'int32', 'int64', 'uint32', 'uint64'],
  attributes: { exclusive: FLAG, reverse: FLAG },
  infer(call) {
    const { dtype, shape } = required(call, 0).type;
    const axis = required(call, 1);
    checkIndexType(call, 1, axis);
    checkSingleElement(call, 1, axis);
    const [known] = integersOf(axis) ?? [];
    if (typeof known === 'number') checkedAxis(call, known, shape.length);
    return [{ type: { dtype, shape } }];
  },
});
