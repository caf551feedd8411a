import { FLOAT_TYPES } from './element-types.js';
import { commonDType, commonShape, formatType } from './elementwise-inference.js';
import { operator, OperatorFault, required, type Operator } from './operator.js';

/** PRelu: `slope` broadcasts to the shape of the input, never the other way (Unidirectional Broadcasting). */
export const prelu: Operator = operator({
  name: 'PRelu',
  since: 7,
  inputs: [2, 2],
  types: [...FLOAT_TYPES, 'int32', 'int64', 'uint32', 'uint64'],
  infer(call) {
    const x = required(call, 0);
    const slope = required(call, 1);
    const dtype = commonDType(call, [x, slope]);
    const shape = commonShape(call, [x, slope]);
    const { shape: own } = x.type;
    if (shape.length > own.length || shape.some((dim, axis) => own[axis] === 1 && dim !== 1)) {
      throw new OperatorFault(
        'shape-mismatch',
        `the slope of PRelu is ${formatType(slope.type)}, which does not broadcast to the input ${formatType(x.type)}`,
      );
    }
    return [{ type: { dtype, shape } }];
  },
});
