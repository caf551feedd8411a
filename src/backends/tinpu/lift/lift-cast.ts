import { isInteger, bitsOf, integerRange } from '../../../ir/dtype.js';
import { codeOfDType } from '../../../ir/onnx/data-type.js';
import { op } from '../../../passes/pattern.js';
import { decline, rule, type Rule } from '../../../passes/rule.js';
import { rangeOf } from '../arithmetic/integer-range.js';
import { carried, carry } from './carried.js';

const FLOAT32 = codeOfDType('float32');

/** Cast back to float32 of a Cast of carried integers to a type that holds them → the integers. */
export const liftCastPair: Rule = rule({
  name: 'lift-cast-pair',
  match: op('Cast', [op('Cast', [carried], { as: 'there' })], { as: 'back' }),
  rewrite: ({ x, there, back }, to) => {
    const dtype = there.outputs[0]?.type.dtype;
    if (back.attrs.int('to') !== FLOAT32 || dtype === undefined || !isInteger(dtype))
      return decline('the integers do not come back as float32', back);
    const { lo, hi } = rangeOf(x);
    const wide = bitsOf(dtype) > 32 ? { lo: -Infinity, hi: Infinity } : integerRange(dtype);
    if (lo < wide.lo || hi > wide.hi) return decline(`${dtype} does not hold ${lo} … ${hi}`, there);
    return carry(to, x);
  },
});
