import { NUMERIC_TYPES } from './element-types.js';
import { checkDType, checkSingleElement } from './elementwise-inference.js';
import { operator, required, type Operator } from './operator.js';

/**
 * Clip: every element brought into [min, max]. A bound left out is the largest finite value on its side; a minimum above
 * the maximum gives the maximum.
 */
export const clip: Operator = operator({
  name: 'Clip',
  since: 11,
  inputs: [1, 3],
  types: NUMERIC_TYPES,
  infer(call) {
    const { dtype, shape } = required(call, 0).type;
    for (const index of [1, 2]) {
      const bound = call.inputs[index];
      if (bound === undefined) continue;
      checkDType(call, index, bound, dtype);
      checkSingleElement(call, index, bound);
    }
    return [{ type: { dtype, shape } }];
  },
});
