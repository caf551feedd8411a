import type { Node } from '../../../ir/graph.js';
import { decline, type Decline } from '../../../passes/rule.js';
import { floatComplaint } from '../split/integer-form.js';

/** Declines a node without an integer form: alone between a dequantise and a quantise it looks like a layer. */
export function declineFloat(node: Node): Decline | undefined {
  const complaint = floatComplaint(node);
  return complaint === undefined ? undefined : decline(complaint, node);
}
