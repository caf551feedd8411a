import { INT } from './attribute-specs.js';
import { FLOAT_TYPES } from './element-types.js';
import { checkSingleElement } from './elementwise-inference.js';
import { operator, OperatorFault, required, type Operator } from './operator.js';

/** Identity: the input itself, of any type. */
export const identity: Operator = operator({
  name: 'Identity',
  since: 1,
  inputs: [1, 1],
  infer(call) {
    const { type, contents } = required(call, 0);
    return [{ type, contents }];
  },
});

/**
 * Dropout in inference: the data unchanged and a mask that is true everywhere.
 * `ratio` has no effect there; training mode drops at random and is refused.
 */
export const dropout: Operator = operator({
  name: 'Dropout',
  since: 12,
  inputs: [1, 3],
  outputs: [1, 2],
  types: FLOAT_TYPES,
  attributes: { seed: INT },
  infer(call) {
    const { type } = required(call, 0);
    const [, ratio, training] = call.inputs;
    if (ratio !== undefined) {
      checkSingleElement(call, 1, ratio);
      if (!FLOAT_TYPES.includes(ratio.type.dtype)) {
        throw new OperatorFault('unsupported-type', `the ratio of Dropout is ${ratio.type.dtype}, a float is accepted`);
      }
    }
    if (training !== undefined) {
      checkSingleElement(call, 2, training);
      if (training.type.dtype !== 'bool') {
        throw new OperatorFault(
          'unsupported-type',
          `training_mode of Dropout is ${training.type.dtype}, bool is accepted`,
        );
      }
      if (training.constant?.data[0] === 1) {
        throw new OperatorFault(
          'unsupported-attribute',
          'Dropout has training_mode true, which drops elements at random; inference mode is accepted',
          'export the model in evaluation mode',
        );
      }
    }
    return [{ type }, { type: { dtype: 'bool', shape: type.shape } }];
  },
});
