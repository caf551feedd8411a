import { functionFault } from './function-fault.js';
import { ModelFault } from './fault.js';
import { domainOf, importedOpsets } from './opset-import.js';
import type { AttributeMessage, FunctionMessage, ModelMessage, NodeMessage, ValueInfoMessage } from './proto.js';

/** Deepest nesting of calls that is inlined. */
const DEEPEST = 100;

/** A function that the model itself defines. */
export interface LocalFunction {
  /** As messages write it: `domain.name`. */
  readonly name: string;
  readonly domain: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** Its attributes, each with the value that it has where a call gives none. */
  readonly attributes: ReadonlyMap<string, AttributeMessage | undefined>;
  readonly nodes: readonly NodeMessage[];
  readonly declared: readonly ValueInfoMessage[];
  /** Version of ai.onnx in its body: that of the model where the function imports none. */
  readonly opset: number;
  readonly importsOpset: boolean;
  /** Why no call of it can be inlined. */
  fault: ModelFault | undefined;
  /** Nodes that a call becomes, counting every call on the way; Infinity when there are too many to count. */
  size: number;
}

/** What of a model decides over its functions. */
export interface FunctionContext {
  /** Version of ai.onnx of the model, and the newest that is accepted. */
  readonly opset: number;
  readonly maxOpset: number;
  /** Whether an operator of a domain exists in an opset of ai.onnx: such a one counts, whatever the model defines. */
  readonly isOperator: (domain: string, op: string, opset: number) => boolean;
}

/** The functions of a model; those that call themselves or nest too deep carry a fault. */
export class FunctionTable {
  /** Functions of the name of an operator that a node is of instead. */
  readonly shadowed: Set<LocalFunction> = new Set<LocalFunction>();
  readonly #functions = new Map<string, LocalFunction>();
  readonly #context: FunctionContext;

  constructor(model: ModelMessage, context: FunctionContext) {
    this.#context = context;
    for (const message of model.functions ?? []) {
      const key = functionKey(message.domain, message.name, message.overload);
      const other = this.#functions.get(key);
      if (other === undefined) this.#functions.set(key, readFunction(message, context));
      else other.fault = new ModelFault('local-function', `the model defines the function ${other.name} twice`);
    }
    measure([...this.#functions.values()], (node, opset) => this.called(node, opset));
  }

  get size(): number {
    return this.#functions.size;
  }

  /** The function that a node calls where operators are of an opset; undefined for an operator. */
  called(node: NodeMessage, opset: number): LocalFunction | undefined {
    const found = this.#functions.get(functionKey(node.domain, node.opType, node.overload));
    if (found === undefined || !this.#context.isOperator(found.domain, node.opType ?? '', opset)) return found;
    this.shadowed.add(found);
    return undefined;
  }
}

type Text = string | null | undefined;

/** What tells functions apart; the long name of the default domain is the same as none. */
const functionKey = (domain: Text, name: Text, overload: Text): string =>
  JSON.stringify([domainOf(domain), name ?? '', overload ?? '']);

function readFunction(message: FunctionMessage, { opset, maxOpset }: FunctionContext): LocalFunction {
  const versions = importedOpsets(message.opsetImport);
  const domain = domainOf(message.domain);
  const name = message.name ?? '';
  const definition = {
    name: domain === '' ? name : `${domain}.${name}`,
    domain,
    inputs: message.input ?? [],
    outputs: message.output ?? [],
    attributes: new Map<string, AttributeMessage | undefined>([
      ...(message.attribute ?? []).map((each) => [each, undefined] as const),
      ...(message.attributeProto ?? []).map((each) => [each.name ?? '', each] as const),
    ]),
    nodes: message.node ?? [],
    declared: message.valueInfo ?? [],
    opset: versions.at(-1) ?? opset,
    importsOpset: versions.length > 0,
  };
  return { ...definition, fault: functionFault(definition, maxOpset), size: 0 };
}

interface Step {
  readonly definition: LocalFunction;
  readonly callees: readonly LocalFunction[];
  next: number;
}

/** Sizes all functions, callees first, and marks one function at least on every circle of calls. */
function measure(functions: readonly LocalFunction[], called: FunctionTable['called']): void {
  const depths = new Map<LocalFunction, number>();
  const open = new Set<LocalFunction>();
  for (const root of functions) {
    const path: Step[] = [];
    const enter = (definition: LocalFunction): void => {
      open.add(definition);
      const callees = definition.nodes.flatMap((node) => called(node, definition.opset) ?? []);
      path.push({ definition, callees, next: 0 });
    };
    if (!depths.has(root)) enter(root);
    for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
      const callee = top.callees[top.next++];
      if (callee === undefined) {
        depths.set(top.definition, close(top, depths));
        open.delete(top.definition);
        path.pop();
      } else if (open.has(callee)) callee.fault ??= callsItself(callee, path);
      else if (!depths.has(callee)) enter(callee);
    }
  }
}

/** Sizes a function whose callees are sized; how deep its calls nest. */
function close({ definition, callees }: Step, depths: ReadonlyMap<LocalFunction, number>): number {
  const depth = 1 + callees.reduce((deepest, callee) => Math.max(deepest, depths.get(callee) ?? 0), 0);
  definition.size = callees.reduce((sum, { fault, size }) => sum + (fault ? 0 : size), definition.nodes.length);
  if (depth > DEEPEST) {
    definition.fault ??= new ModelFault(
      'local-function',
      `the calls of the function ${definition.name} nest more than ${DEEPEST} deep`,
    );
  }
  return depth;
}

function callsItself(callee: LocalFunction, path: readonly Step[]): ModelFault {
  const start = path.findIndex(({ definition }) => definition === callee) + 1;
  const others = path.slice(start, start + 8).map(({ definition }) => definition.name);
  const more = path.length - start - others.length;
  const through = [...others, ...(more > 0 ? [`${more} more`] : [])].join(', ');
  const how = through === '' ? '' : ` through ${through}`;
  return new ModelFault('local-function', `the function ${callee.name} calls itself${how}, so it has no end`);
}
