import { Attributes } from '../../ir/attributes.js';
import { UserError } from '../../ir/diagnostics.js';
import { isGraphOutput, type Graph, type Node, type Value } from '../../ir/graph.js';
import { didYouMean, nearest } from '../../ir/nearest.js';
import { OPERATORS } from '../../ir/ops/index.js';
import { checkCall, type InferenceCall, type Operator } from '../../ir/ops/operator.js';
import { op } from '../pattern.js';
import { decline, rule, type Builder, type Decline } from '../rule.js';
import type { SurgeryEntry } from './entry.js';

/** Builds what replaces the first result of a node, of the same type and shape, or declines. */
export type ReplacementBuilder = (node: Node, to: Builder) => Value | Decline;

/**
 * An entry of model surgery: every `replace` becomes the operator `by` of its first input, with default attributes, or
 * what a function builds. Another type or shape than that of the result it replaces is declined.
 * @throws UserError when an operator is not known, or `by` takes more than one input.
 */
export function replaceOperator(replace: string, by: string | ReplacementBuilder): SurgeryEntry {
  knownOperator(replace);
  const build = typeof by === 'string' ? firstInputTo(knownOperator(by)) : by;
  const name = `replace-${replace.toLowerCase()}`;
  const replaceNode = rule({
    name,
    match: op(replace, undefined, { as: 'node' }),
    check: ({ node }, graph) => (readsFurther(node, graph) ? decline('its further results are read', node) : undefined),
    rewrite: ({ node }, to) => {
      const value = build(node, to);
      return 'declined' in value ? value : (differs(value, node) ?? value);
    },
  });
  const built = typeof by === 'string' ? by : 'a function of the user';
  return { name, replaces: replace, by: built, rules: [replaceNode] };
}

function knownOperator(name: string): Operator {
  const operator = OPERATORS.get(name);
  if (operator !== undefined) return operator;
  const hint = didYouMean(nearest(name, OPERATORS.keys(), 1));
  throw new UserError({
    code: 'unknown-operator',
    severity: 'error',
    message: `surgery names the operator '${name}', accepted are operators of ai.onnx that quantc knows, such as Relu`,
    ...(hint !== undefined && { hint }),
  });
}

function firstInputTo(operator: Operator): ReplacementBuilder {
  const { name, inputs, attributes } = operator;
  if (inputs[0] > 1 || Object.values(attributes).some(({ required }) => required === true)) {
    throw new UserError({
      code: 'invalid-surgery',
      severity: 'error',
      message: `surgery replaces by '${name}', accepted by name are operators of one input without required attributes`,
      hint: 'give a function that builds the replacement',
    });
  }
  return ({ inputs: [x] }, to) => {
    if (x === undefined) return decline('its first input is left out');
    const call: InferenceCall = { op: name, attrs: Attributes.none, inputs: [x], outputCount: 1, freshDim: () => '?' };
    const [fault] = checkCall(operator, call);
    return fault === undefined ? to.op(name, [x]) : decline(fault.message);
  };
}

const readsFurther = ({ outputs }: Node, graph: Graph): boolean =>
  outputs.slice(1).some((output) => output.uses.size > 0 || isGraphOutput(graph, output));

/** Sizes of which one is a symbol may be equal. */
function differs({ type }: Value, node: Node): Decline | undefined {
  const before = node.outputs[0]?.type;
  const same =
    before?.dtype === type.dtype &&
    before.shape.length === type.shape.length &&
    before.shape.every(
      (dim, i) => dim === type.shape[i] || typeof dim === 'string' || typeof type.shape[i] === 'string',
    );
  return same ? undefined : decline('the replacement has another type or shape', node);
}
