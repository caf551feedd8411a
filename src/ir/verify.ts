import { isConstant, opName, type Graph, type Node, type Value } from './graph.js';
import { checkCall, OperatorFault, type InferenceCall, type ResultFacts } from './ops/operator.js';
import type { OperatorTable } from './ops/table.js';
import { formatShape, type Shape } from './shape.js';

/** One broken invariant. */
export interface Violation {
  readonly message: string;
  readonly node?: Node;
}

/**
 * Checks the invariants of a graph in the dialect that `operators` describes: SSA (defined once, before use), exact use
 * lists, unique labels, known operators with well-formed calls, result types equal to what inference says.
 * @returns every violation; none for a valid graph.
 */
export function verifyGraph(graph: Graph, operators: OperatorTable): Violation[] {
  return [...verifyStructure(graph), ...graph.nodes.flatMap((node) => verifyNode(node, operators))];
}

function verifyStructure(graph: Graph): Violation[] {
  const violations: Violation[] = [];
  const defined = new Set<Value>(graph.inputs);
  const labels = new Map<string, Value>();
  const label = (value: Value): void => {
    if (value.name === '') return;
    const other = labels.get(value.name);
    if (other !== undefined && other !== value) violations.push({ message: `two values are labelled '${value.name}'` });
    labels.set(value.name, value);
  };
  const checkRead = (value: Value, reader: string, node?: Node): void => {
    if (isConstant(value)) label(value);
    else if (!defined.has(value)) {
      violations.push({ message: `'${value.name}' is read by ${reader} before it is defined`, ...(node && { node }) });
    }
  };
  graph.inputs.forEach(label);
  for (const node of graph.nodes) {
    for (const [index, input] of node.inputs.entries()) {
      if (input === undefined) continue;
      checkRead(input, `node '${node.name}' (${opName(node)})`, node);
      if (![...input.uses].some((use) => use.node === node && use.index === index)) {
        violations.push({ message: `the use of '${input.name}' by '${node.name}' is not in its use list`, node });
      }
    }
    for (const output of node.outputs) {
      label(output);
      if (output.producer !== node) violations.push({ message: `'${output.name}' names another producer`, node });
      if (defined.has(output)) violations.push({ message: `'${output.name}' is defined twice`, node });
      defined.add(output);
    }
  }
  const nodes = new Set(graph.nodes);
  for (const value of new Set([...defined, ...labels.values()])) {
    for (const use of value.uses) {
      if (!nodes.has(use.node) || use.node.inputs[use.index] !== value) {
        violations.push({ message: `'${value.name}' lists a use that does not exist` });
      }
    }
  }
  for (const { name, value } of graph.outputs) checkRead(value, `graph output '${name}'`);
  const outputNames = graph.outputs.map((output) => output.name);
  if (new Set(outputNames).size !== outputNames.length) violations.push({ message: 'two graph outputs share a name' });
  return violations;
}

function verifyNode(node: Node, operators: OperatorTable): Violation[] {
  const name = opName(node);
  const spec = operators.get(name);
  if (spec === undefined) return [{ message: `operator ${name} is not in this dialect`, node }];
  let fresh = 0;
  const call: InferenceCall = {
    op: node.op,
    attrs: node.attrs,
    inputs: node.inputs,
    outputCount: node.outputs.length,
    freshDim: () => `verify:${fresh++}`,
  };
  const faults = checkCall(spec, call);
  if (faults.length > 0) return faults.map((fault) => ({ message: fault.message, node }));
  try {
    const results = spec.infer(call);
    return node.outputs.flatMap((output, i) => compareType(output, results[i], node));
  } catch (error) {
    if (error instanceof OperatorFault) return [{ message: error.message, node }];
    throw error;
  }
}

function compareType(output: Value, inferred: ResultFacts | undefined, node: Node): Violation[] {
  if (inferred === undefined) return [{ message: `${opName(node)} has no result for '${output.name}'`, node }];
  const { type } = inferred;
  if (type.dtype !== output.type.dtype || !compatible(type.shape, output.type.shape)) {
    return [
      {
        message:
          `'${output.name}' is typed ${output.type.dtype}[${formatShape(output.type.shape)}], ` +
          `${opName(node)} gives ${type.dtype}[${formatShape(type.shape)}]`,
        node,
      },
    ];
  }
  return [];
}

/** Two shapes that describe the same tensor as far as known: equal ranks, no two different known sizes. */
function compatible(a: Shape, b: Shape): boolean {
  return (
    a.length === b.length && a.every((dim, i) => dim === b[i] || typeof dim === 'string' || typeof b[i] === 'string')
  );
}
