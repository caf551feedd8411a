import { OperatorFault } from '../../ops/operator.js';
import { Tensor } from '../../tensor.js';
import type { Draft } from './draft.js';
import type { NormalRule } from './rule.js';

/** A Constant node is its value, in whichever of its attributes that stands. */
export const CONSTANT: NormalRule = {
  ops: ['Constant'],
  apply(draft) {
    if (draft.attrs.size !== 1) {
      throw new OperatorFault('invalid-attribute', `Constant has ${draft.attrs.size} values, one is accepted`);
    }
    draft.value = valueOf(draft);
    return undefined;
  },
};

function valueOf({ attrs }: Draft): Tensor {
  if (attrs.has('value')) return attrs.tensor('value');
  if (attrs.has('value_float')) return Tensor.float32([], [attrs.float('value_float')]);
  if (attrs.has('value_int')) return Tensor.int64(attrs.int('value_int'));
  if (attrs.has('value_floats')) {
    const values = attrs.floats('value_floats');
    return Tensor.float32([values.length], values);
  }
  if (attrs.has('value_ints')) return Tensor.int64(attrs.ints('value_ints'));
  const [name] = [...attrs].map(([key]) => key);
  throw new OperatorFault('unsupported-attribute', `Constant has the attribute ${name ?? ''}, numbers are accepted`);
}
