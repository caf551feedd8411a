import type { Location } from '../diagnostics.js';
import type { ModelFault } from './fault.js';
import type { FlatNode, InlinedModel } from './inline-functions.js';
import type { Problems } from './problems.js';
import { domainOf } from './opset-import.js';
import type { GraphMessage, NodeMessage, TensorMessage, ValueInfoMessage } from './proto.js';
import { sortNodes } from './sort-nodes.js';

/** One node of the file, functions inlined. Empty trailing inputs and outputs are cut off. */
export interface SourceNode {
  readonly index: number;
  readonly name: string;
  readonly op: string;
  readonly domain: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly message: NodeMessage;
  /** Version of ai.onnx that it is of. */
  readonly opset: number;
  /** Why it is refused whatever it is. */
  readonly fault: ModelFault | undefined;
}

/** The graph of a file with its names resolved: every tensor is defined once, nodes stand in topological order. */
export interface SourceGraph {
  readonly name: string;
  /** Without those that an initializer gives a value, whose value is taken as fixed. */
  readonly inputs: readonly ValueInfoMessage[];
  readonly outputs: readonly ValueInfoMessage[];
  readonly initializers: ReadonlyMap<string, TensorMessage>;
  readonly nodes: readonly SourceNode[];
  /** Types that the file declares for results, by tensor name. */
  readonly declared: ReadonlyMap<string, ValueInfoMessage>;
  /** Every tensor name of the file. */
  readonly names: ReadonlySet<string>;
  /** Names that a node or a graph output reads. */
  readonly read: ReadonlySet<string>;
}

export const locationOf = (node: SourceNode): Location => ({
  nodeIndex: node.index,
  ...(node.name !== '' && { node: node.name }),
  op: node.op,
});

/** The label of a node: its name, or its operator and position when it has none. */
export const labelOf = ({ name, op, index }: SourceNode): string => (name === '' ? `${op}_${index}` : name);

/** Indexes a graph, whose nodes are those of `inlined`, and reports tensors that are defined twice or never, and cycles. */
export function readSource(graph: GraphMessage, inlined: InlinedModel, problems: Problems): SourceGraph {
  const nodes = inlined.nodes.map(sourceNode);
  const initializers = new Map<string, TensorMessage>();
  for (const tensor of graph.initializer ?? []) {
    const name = tensor.name ?? '';
    if (initializers.has(name))
      problems.error('duplicate-name', `initializer '${name}' is defined twice`, { value: name });
    initializers.set(name, tensor);
  }
  const sparse = new Set<string>();
  for (const tensor of graph.sparseInitializer ?? []) {
    const name = tensor.values?.name ?? '';
    problems.error('sparse-tensor', `initializer '${name}' is sparse, only dense tensors are accepted`, {
      value: name,
    });
    sparse.add(name);
  }
  const constants = new Set([...initializers.keys(), ...sparse]);
  const inputs = readInputs(graph, constants, problems);

  const names = defineNames([...inputs.map((info) => info.name ?? ''), ...constants], nodes, problems);
  checkReads(nodes, names, problems);
  const outputs = readOutputs(graph, names, problems);
  return {
    name: graph.name ?? '',
    inputs,
    outputs,
    initializers,
    nodes: sortNodes(nodes, problems),
    declared: new Map(
      [...inlined.declared, ...(graph.valueInfo ?? []), ...outputs].map((info) => [info.name ?? '', info]),
    ),
    names,
    read: new Set([...nodes.flatMap((node) => node.inputs), ...outputs.map((info) => info.name ?? '')]),
  };
}

function sourceNode({ message, opset, fault }: FlatNode, index: number): SourceNode {
  return {
    index,
    name: message.name ?? '',
    op: message.opType ?? '',
    domain: domainOf(message.domain),
    inputs: withoutTail(message.input ?? []),
    outputs: withoutTail(message.output ?? []),
    message,
    opset,
    fault,
  };
}

/** Names without the empty ones at the end, which mean nothing. */
export function withoutTail(names: readonly string[]): readonly string[] {
  const last = names.findLastIndex((name) => name !== '');
  return names.slice(0, last + 1);
}

function readInputs(graph: GraphMessage, constants: ReadonlySet<string>, problems: Problems): ValueInfoMessage[] {
  const seen = new Set<string>();
  const inputs: ValueInfoMessage[] = [];
  for (const info of graph.input ?? []) {
    const name = info.name ?? '';
    if (name === '') problems.error('invalid-model', 'a graph input has no name');
    else if (seen.has(name))
      problems.error('duplicate-name', `graph input '${name}' is defined twice`, { value: name });
    else if (!constants.has(name)) inputs.push(info);
    seen.add(name);
  }
  return inputs;
}

function defineNames(sources: readonly string[], nodes: readonly SourceNode[], problems: Problems): Set<string> {
  const names = new Set(sources);
  for (const node of nodes) {
    for (const name of node.outputs) {
      if (name === '') continue;
      if (names.has(name)) {
        problems.error('duplicate-name', `tensor '${name}' is defined twice, the second time here`, {
          ...locationOf(node),
          value: name,
        });
      }
      names.add(name);
    }
  }
  return names;
}

function checkReads(nodes: readonly SourceNode[], names: ReadonlySet<string>, problems: Problems): void {
  for (const node of nodes) {
    for (const name of new Set(node.inputs)) {
      if (name === '' || names.has(name)) continue;
      problems.error(
        'undefined-tensor',
        `the input '${name}' is no graph input, no initializer and no result of a node`,
        { ...locationOf(node), value: name },
        'The file is incomplete: export the model anew.',
      );
    }
  }
}

function readOutputs(graph: GraphMessage, names: ReadonlySet<string>, problems: Problems): ValueInfoMessage[] {
  const seen = new Set<string>();
  const outputs: ValueInfoMessage[] = [];
  for (const info of graph.output ?? []) {
    const name = info.name ?? '';
    if (seen.has(name)) problems.error('duplicate-name', `graph output '${name}' is listed twice`, { value: name });
    else if (!names.has(name)) {
      problems.error('undefined-tensor', `graph output '${name}' is computed by no node`, { value: name });
    } else outputs.push(info);
    seen.add(name);
  }
  if (seen.size === 0) problems.error('invalid-model', 'the graph has no outputs');
  return outputs;
}
