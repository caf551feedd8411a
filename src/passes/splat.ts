import { isConstant, type Value } from '../ir/graph.js';
import { numberData } from '../ir/tensor.js';

/** The number that all elements of a constant are equal to (0 and -0 are); undefined when they differ or are no numbers. */
export function splatOf(value: Value | undefined): number | undefined {
  if (value === undefined || !isConstant(value)) return undefined;
  const data = numberData(value.constant);
  const first = data?.[0];
  return data?.every((item) => item === first) === true ? first : undefined;
}
