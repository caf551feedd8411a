import { FLAG, INT } from './attribute-specs.js';
import { NUMERIC_TYPES } from './element-types.js';
import { checkedAxis } from './facts.js';
import { operator, required, type Operator } from './operator.js';
import { reducedShape } from './reduce.js';

/** Index of an extreme element along one axis, as int64. */
const argReduction = (name: string): Operator =>
  operator({
    name,
    since: 12,
    inputs: [1, 1],
    types: NUMERIC_TYPES,
    attributes: { axis: INT, keepdims: FLAG, select_last_index: FLAG },
    infer(call) {
      const { shape } = required(call, 0).type;
      const axis = checkedAxis(call, call.attrs.int('axis', 0), shape.length);
      return [{ type: { dtype: 'int64', shape: reducedShape(shape, [axis], call.attrs.int('keepdims', 1) === 1) } }];
    },
  });

export const ARG_REDUCE_OPERATORS: readonly Operator[] = [argReduction('ArgMax'), argReduction('ArgMin')];
