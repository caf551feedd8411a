import { CallScope } from './call-scope.js';
import { ModelFault } from './fault.js';
import { callFault } from './function-fault.js';
import { FunctionTable, type FunctionContext, type LocalFunction } from './local-functions.js';
import { NameSupply } from './name-supply.js';
import type { Problems } from './problems.js';
import type { GraphMessage, ModelMessage, NodeMessage, ValueInfoMessage } from './proto.js';
import { withoutTail } from './source.js';

/** Most nodes that calls become, the calls themselves counted too. */
const MOST_NODES = 100_000;
/** Most bytes of names and of constants that are there already. */
const MOST_BYTES = 2 ** 26;

/** A node of the graph, or of a function that stands in the place of a call. */
export interface FlatNode {
  readonly message: NodeMessage;
  /** Version of ai.onnx that it is of. */
  readonly opset: number;
  /** Why the node, a call of a function, still is one. */
  readonly fault?: ModelFault | undefined;
}

/** The nodes of a model, calls of its functions replaced by what the functions do. */
export interface InlinedModel {
  readonly nodes: readonly FlatNode[];
  /** Types that the functions declare for their tensors. */
  readonly declared: readonly ValueInfoMessage[];
  /** How many times each function is called. */
  readonly calls: ReadonlyMap<LocalFunction, number>;
  /** Functions in whose place an operator of the same name counts. */
  readonly shadowed: ReadonlySet<LocalFunction>;
}

/**
 * Replaces every call of a function of the model by the nodes of the function. What is in it is named after the call,
 * `call/inner`; results that the call names keep their names. A call that cannot be replaced stays, with its fault.
 * @throws ModelFault when the nodes would be more than 100000, or their names and constants more than 2^26 bytes.
 */
export function inlineFunctions(model: ModelMessage, context: FunctionContext, problems: Problems): InlinedModel {
  const graph = model.graph ?? {};
  const nodes = graph.node ?? [];
  const { opset } = context;
  const functions = new FunctionTable(model, context);
  const size = nodes.reduce((sum, node) => {
    const called = functions.size === 0 ? undefined : functions.called(node, opset);
    return sum + (called === undefined || called.fault ? 0 : called.size);
  }, 0);
  if (size > MOST_NODES) {
    throw tooLarge(`${Number.isSafeInteger(size) ? size : 'countless'} nodes, at most ${MOST_NODES} are accepted`);
  }
  const inliner = new Inliner(graph, functions, problems);
  for (const node of nodes) inliner.add(node, opset);
  for (const { name, importsOpset } of inliner.calls.keys()) {
    if (importsOpset) continue;
    problems.warning(
      'invalid-opset',
      `the function ${name} does not import ai.onnx; opset ${opset} of the model counts`,
    );
  }
  return inliner;
}

class Inliner implements InlinedModel {
  readonly nodes: FlatNode[] = [];
  readonly declared: ValueInfoMessage[] = [];
  readonly calls = new Map<LocalFunction, number>();
  readonly shadowed: ReadonlySet<LocalFunction>;
  readonly #functions: FunctionTable;
  readonly #problems: Problems;
  readonly #tensorNames: NameSupply;
  readonly #nodeNames: NameSupply;
  #bytes = 0;

  constructor(graph: GraphMessage, functions: FunctionTable, problems: Problems) {
    this.shadowed = functions.shadowed;
    this.#functions = functions;
    this.#problems = problems;
    this.#tensorNames = new NameSupply(tensorNames(graph));
    this.#nodeNames = new NameSupply((graph.node ?? []).map(({ name }) => name ?? ''));
  }

  /** Adds a node, or what it calls; `opset` is that of the function or model in which it stands. */
  add(message: NodeMessage, opset: number): void {
    const called = this.#functions.called(message, opset);
    if (called === undefined) {
      this.nodes.push({ message, opset });
      return;
    }
    const attributes = (message.attribute ?? []).map(({ name }) => name ?? '');
    const inputs = withoutTail(message.input ?? []);
    const outputs = withoutTail(message.output ?? []);
    const fault = called.fault ?? callFault(called, { inputs, outputs, attributes });
    if (fault === undefined) this.#inline(message, called, opset);
    else this.nodes.push({ message, opset, fault });
  }

  #inline(call: NodeMessage, called: LocalFunction, opset: number): void {
    const count = this.calls.get(called) ?? 0;
    this.calls.set(called, count + 1);
    this.#spend(8 * (called.inputs.length + called.outputs.length + called.attributes.size + called.declared.length));
    const scope = new CallScope(call, called, this.nodes.length, {
      tensor: (base) => this.#named(this.#tensorNames, base),
      node: (base) => this.#named(this.#nodeNames, base),
    });
    for (const name of scope.unknownAttributes()) {
      this.#problems.warning(
        'unknown-attribute',
        `the attribute ${name} is given to the function ${called.name}, which has none of that name; it is ignored`,
        { ...((call.name ?? '') !== '' && { node: call.name ?? '' }), op: call.opType ?? '' },
      );
    }
    for (const [i, node] of called.nodes.entries()) {
      this.#spend(8 * ((node.input?.length ?? 0) + (node.output?.length ?? 0) + (node.attribute?.length ?? 0)));
      if (count > 0) this.#spend(constantBytes(node));
      this.add(scope.nodeOf(node, i), called.opset);
    }
    for (const message of scope.passedOn()) this.nodes.push({ message, opset });
    for (const info of called.declared) this.declared.push(...scope.declarationOf(info));
  }

  #named(supply: NameSupply, base: string): string {
    this.#spend(base.length);
    return supply.fresh(base);
  }

  #spend(bytes: number): void {
    this.#bytes += bytes;
    if (this.#bytes > MOST_BYTES) throw tooLarge(`more than ${MOST_BYTES} bytes of names and constants`);
  }
}

const tooLarge = (what: string): ModelFault =>
  new ModelFault('too-large', `the functions of the model, inlined wherever they are called, make ${what}`);

const tensorNames = (graph: GraphMessage): string[] => [
  ...[graph.input, graph.output, graph.valueInfo].flatMap((infos) => (infos ?? []).map(({ name }) => name ?? '')),
  ...(graph.initializer ?? []).map(({ name }) => name ?? ''),
  ...(graph.sparseInitializer ?? []).map(({ values }) => values?.name ?? ''),
  ...(graph.node ?? []).flatMap(({ input, output }) => [...(input ?? []), ...(output ?? [])]),
];

/** Bytes of the tensors among the attributes of a node. */
const constantBytes = ({ attribute }: NodeMessage): number =>
  (attribute ?? []).reduce((sum, { t, floats, ints, s }) => {
    const elements = [t?.floatData, t?.int32Data, t?.int64Data, t?.doubleData, t?.uint64Data, t?.stringData];
    const stored = elements.reduce((total, list) => total + 8 * (list?.length ?? 0), t?.rawData?.length ?? 0);
    return sum + stored + 8 * ((floats?.length ?? 0) + (ints?.length ?? 0)) + (s?.length ?? 0);
  }, 0);
