import { combineContents } from './contents.js';
import { checkDType, commonDType, commonShape } from './elementwise-inference.js';
import { operator, required, type Operator } from './operator.js';

/** Where: elements of `X` where the condition holds, of `Y` elsewhere; all three broadcast. */
export const where: Operator = operator({
  name: 'Where',
  since: 9,
  inputs: [3, 3],
  types: ['bool'],
  infer(call) {
    const condition = required(call, 0);
    const branches = [required(call, 1), required(call, 2)];
    checkDType(call, 0, condition, 'bool');
    const operands = [condition, ...branches];
    return [
      {
        type: { dtype: commonDType(call, branches), shape: commonShape(call, operands) },
        contents: combineContents(operands, ([chosen, a, b]) => (chosen === 1 ? a : chosen === 0 ? b : undefined)),
      },
    ];
  },
});
