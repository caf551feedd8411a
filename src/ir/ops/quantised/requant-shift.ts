import type { DType } from '../../dtype.js';
import { operator, OperatorFault, type Operator } from '../operator.js';
import { checkBroadcastsInto, typedInput } from './facts.js';
import { activationType } from './operators.js';

/** What is requantised: integers of up to 32 bits, or float32 that holds integers, as such networks are stored. */
const OPERAND_TYPES: readonly DType[] = ['float32', 'int8', 'uint8', 'int16', 'int32'];
/** Multipliers and addends hold integers as well, whatever their type. */
const CONSTANT_TYPES: readonly DType[] = ['float32', 'float64', 'int8', 'uint8', 'int16', 'int32', 'int64'];

/**
 * Requantisation of networks that are no TINPU networks: clip((x · multiplier + addend + half) >> shift, lo, hi) with
 * half = 2^(shift − 1), or 0 without a shift, and a shift that floors. Multiplier and addend broadcast into x. Integers
 * give the narrowest activation type, float32 gives float32. Integers of any size are exact.
 */
export const requantShift: Operator = operator({
  name: 'RequantShift',
  domain: 'q',
  since: 1,
  inputs: [3, 3],
  attributes: {
    shift: { kind: 'int', required: true },
    lo: { kind: 'int', required: true },
    hi: { kind: 'int', required: true },
  },
  infer: (call) => {
    const { dtype, shape } = typedInput(call, 0, OPERAND_TYPES).type;
    for (const index of [1, 2]) {
      checkBroadcastsInto(call, index, typedInput(call, index, CONSTANT_TYPES), shape);
    }
    const [shift, lo, hi] = [call.attrs.int('shift'), call.attrs.int('lo'), call.attrs.int('hi')];
    if (shift < 0 || shift > 62) {
      throw new OperatorFault('invalid-attribute', `${call.op} shifts by ${shift} bits, 0 to 62 are accepted`);
    }
    const limit = dtype === 'float32' ? 2 ** 24 : 2 ** 15;
    if (lo > hi || lo < -limit || hi >= limit) {
      throw new OperatorFault(
        'invalid-attribute',
        `${call.op} clips to ${lo} … ${hi}, accepted: ordered and within ${-limit} … ${limit - 1}`,
      );
    }
    return [{ type: { dtype: dtype === 'float32' ? dtype : activationType(lo, hi), shape } }];
  },
});
