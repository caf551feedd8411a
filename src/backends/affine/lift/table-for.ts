import { bitsOf, integerRange, type DType } from '../../../ir/dtype.js';
import { Tensor } from '../../../ir/tensor.js';

/** The entries of a qa.Table: what a function of the integers of one type gives, in the integers of another. */
export function tableFor(from: DType, into: DType, entryOf: (integer: number) => number): Tensor {
  const { lo } = integerRange(from);
  const entries = Tensor.zeros(into, [2 ** bitsOf(from)]);
  for (let i = 0; i < entries.size; i++) entries.data[i] = entryOf(lo + i);
  return entries;
}
