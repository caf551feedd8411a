import type { Value } from '../../../ir/graph.js';
import type { Builder } from '../../../passes/rule.js';
import { quantisationOf, type QuantisedTensor, type Scalar } from './quantised-tensor.js';
import { integerOf, type Target } from './quantisation-target.js';
import { tableFor } from './table-for.js';

/** The integers of one tensor at the scale of another: the same, or what a table of the float definition says. */
export function rescaled(x: QuantisedTensor & Scalar, target: Target, to: Builder): Value {
  const { integers, scale, zero } = x;
  const { dtype } = integers.type;
  if (dtype === target.dtype && scale === target.scale && zero === target.zero) return integers;
  const entries = tableFor(dtype, target.dtype, (i) => integerOf(Math.fround((i - zero) * scale), target));
  const result = { standsFor: x.node, part: 'rescaled', quantisation: quantisationOf(target.dtype, target) };
  return to.op('qa.Table', [integers, to.constant(entries, 'table')], {}, result);
}
