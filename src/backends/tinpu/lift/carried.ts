import type { Node, Value } from '../../../ir/graph.js';
import { codeOfDType } from '../../../ir/onnx/data-type.js';
import { any, op, type NodePattern } from '../../../passes/pattern.js';
import type { Builder } from '../../../passes/rule.js';

/**
 * Integers as the float operators around them see them: what is lifted ends in a Cast to float32, and what follows is
 * recognised by that Cast.
 */
export const carried: NodePattern<{ readonly x: Value; readonly cast: Node }> = op('Cast', [any('x')], { as: 'cast' });

/** Shows integers to the float operators behind them. They should be the heir of the label the tensor has in the file. */
export const carry = (to: Builder, integers: Value): Value =>
  to.op('Cast', [integers], { to: codeOfDType('float32') }, { part: 'float', bare: true });

/** The integers behind a carrying Cast; undefined for a float tensor. */
export function integersBehind({ producer }: Value): Value | undefined {
  const [source] = producer?.op === 'Cast' && producer.domain === '' ? producer.inputs : [];
  return source !== undefined && /^u?int(8|16|32)$/.test(source.type.dtype) ? source : undefined;
}
