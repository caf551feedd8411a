import { InternalError } from '../../ir/diagnostics.js';
import { ELEMENTWISE_OPERATORS } from '../../ir/ops/elementwise.js';
import type { Operator } from '../../ir/ops/operator.js';
import { operatorTable } from '../../ir/ops/table.js';

const TABLE = operatorTable(ELEMENTWISE_OPERATORS);

/** The operator that a kernel of this family computes. */
export function specOf(name: string): Operator {
  const spec = TABLE.get(name);
  if (spec === undefined) throw new InternalError(`there is a kernel for ${name}, but no operator`);
  return spec;
}
