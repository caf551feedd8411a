import { bitsOf, isFloat } from '../../ir/dtype.js';
import { isConstant, opName, type Node, type Value } from '../../ir/graph.js';
import { ACTIVATION_TYPES } from '../../ir/ops/quantised/facts.js';
import { sizeOf } from '../../ir/shape.js';
import type { LayerSummary } from '../summary.js';
import { macsOf, rowSize } from '../work.js';

/**
 * The work of a layer for one sample: elements that windows compare, that sums or reductions read, else that it writes,
 * where it multiplies nothing.
 */
export function workOf(node: Node, rows: (value: Value) => number): Pick<LayerSummary, 'macs' | 'operations'> {
  const macs = macsOf(node, rows);
  if (macs > 0) return { macs, operations: macs };
  const [x] = node.inputs;
  const [y] = node.outputs;
  const elements = (value: Value | undefined): number =>
    value === undefined ? 0 : rows(value) * rowSize(value.type.shape);
  const window = node.attrs.has('kernel_shape') ? sizeOf(node.attrs.ints('kernel_shape')) : 1;
  const reduces = opName(node) === 'q.GlobalSum' || elements(x) > elements(y);
  return { macs, operations: window > 1 || !reduces ? elements(y) * window : elements(x) };
}

/** Flash of the constants that an operator outside the layer patterns reads; shapes, axes and indices count as none. */
export function constantCost({ domain, op, inputs }: Node): { bits: number | null; count: number; bytes: number } {
  const constants = inputs.filter((input) => input !== undefined && isConstant(input));
  const data = constants.filter(({ type: { dtype } }) => isFloat(dtype) || ACTIVATION_TYPES.includes(dtype));
  // The few numbers of an input sequence are part of the code that quantises.
  if ((domain === 'q' && op === 'InputNorm') || data.length === 0) return { bits: null, count: 0, bytes: 0 };
  return {
    bits: Math.max(...data.map(({ type }) => bitsOf(type.dtype))),
    count: data.reduce((sum, { constant }) => sum + constant.size, 0),
    bytes: data.reduce((sum, { constant, type }) => sum + Math.ceil((constant.size * bitsOf(type.dtype)) / 8), 0),
  };
}
