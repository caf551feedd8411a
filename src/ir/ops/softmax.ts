import { INT } from './attribute-specs.js';
import { FLOAT_TYPES } from './element-types.js';
import { checkedAxis } from './facts.js';
import { operator, required, type Operator } from './operator.js';

/** An operator that normalises along the single axis `axis` (the semantics of opset 13). */
const alongAxis = (name: string): Operator =>
  operator({
    name,
    since: 13,
    inputs: [1, 1],
    types: FLOAT_TYPES,
    attributes: { axis: INT },
    infer(call) {
      const { dtype, shape } = required(call, 0).type;
      checkedAxis(call, call.attrs.int('axis', -1), shape.length);
      return [{ type: { dtype, shape } }];
    },
  });

export const SOFTMAX_OPERATORS: readonly Operator[] = [
  alongAxis('Softmax'),
  alongAxis('LogSoftmax'),
  alongAxis('Hardmax'),
];
