import { isConstant, opName, soleUser, type ConstantValue, type Graph, type Node, type Value } from '../ir/graph.js';

/** What a pattern has bound so far, and the nodes it covers (root last). */
export interface Match {
  readonly bindings: ReadonlyMap<string, Value | Node | undefined>;
  readonly nodes: readonly Node[];
}

/** Why a pattern does not match; `depth` nodes had matched or bore the right operator by then. */
export interface Mismatch {
  readonly reason: string;
  readonly node: Node | undefined;
  readonly depth: number;
}

/** A pattern on a value. `B` is what it binds, name by name. */
export interface Pattern<out B extends object = object> {
  /** Never present at run time; carries `B` for inference. */
  readonly bindings?: B;
  /** Matches a value, or an input that is left out, adding to what is bound already. */
  readonly match: (value: Value | undefined, graph: Graph, match: Match) => Match | Mismatch;
}

/** A pattern whose root is a node; the only kind a rule may start from. */
export interface NodePattern<out B extends object = object> extends Pattern<B> {
  /** Qualified names of the operators the root may have. */
  readonly roots: readonly string[];
  /** Matches a node, adding to what is bound already. */
  readonly matchNode: (node: Node, graph: Graph, match: Match) => Match | Mismatch;
}

type Bind<N extends string, T> = Readonly<Record<N, T>>;
type Simplify<T> = { readonly [K in keyof T]: T[K] };
type BindingsOf<T extends readonly Pattern[]> = T extends readonly [
  Pattern<infer H>,
  ...infer R extends readonly Pattern[],
]
  ? H & BindingsOf<R>
  : object;

export const isMismatch = (result: Match | Mismatch): result is Mismatch => 'reason' in result;

export const EMPTY_MATCH: Match = { bindings: new Map(), nodes: [] };

/** Any value. The same name twice in one pattern demands the same value. */
export function any<const N extends string>(name: N): Pattern<Bind<N, Value>> {
  return {
    match: (value, _graph, match) =>
      value === undefined ? mismatch('an input is left out', match) : bind(match, name, value),
  };
}

/** A constant. `accept` may demand more of it and says what is missing. */
export function constant<const N extends string>(
  name: N,
  accept?: (value: ConstantValue) => string | undefined,
): Pattern<Bind<N, ConstantValue>> {
  return {
    match: (value, _graph, match) => {
      if (value === undefined) return mismatch('an input is left out', match);
      if (!isConstant(value)) return mismatch(`'${value.name}' is not a constant`, match);
      const complaint = accept?.(value);
      return complaint === undefined ? bind(match, name, value) : mismatch(complaint, match);
    },
  };
}

/** `pattern`, or a left-out optional input, which binds undefined. */
export function maybe<B extends object>(pattern: Pattern<B>): Pattern<{ readonly [K in keyof B]: B[K] | undefined }> {
  return {
    match: (value, graph, match) => (value === undefined ? match : pattern.match(value, graph, match)),
  };
}

/** The first of two patterns that matches; names bound by one alone may be undefined. */
export function either<A extends object, B extends object>(
  first: Pattern<A>,
  second: Pattern<B>,
): Pattern<Simplify<Partial<A & B> & Pick<A & B, Extract<keyof A, keyof B>>>> {
  return {
    match: (value, graph, match) => {
      const result = first.match(value, graph, match);
      if (!isMismatch(result)) return result;
      const other = second.match(value, graph, match);
      return isMismatch(other) && result.depth > other.depth ? result : other;
    },
  };
}

/** What else a pattern says of a node. */
export interface NodeOptions<N extends string> {
  /** Binds the node. */
  readonly as?: N;
  /** The node's first result is read by the matched reader alone and is no graph output, so that the rewrite removes it. */
  readonly soleUse?: boolean;
  /** The two first inputs may come in either order. */
  readonly commutative?: boolean;
}

/**
 * A node of one of `names` whose inputs match one by one; left-out inputs beyond the last pattern are demanded absent.
 * With `inputs` omitted, any inputs are accepted.
 */
export function op<const P extends readonly Pattern[] = [], const N extends string = never>(
  names: string | readonly string[],
  inputs?: P,
  options: NodeOptions<N> = {},
): NodePattern<Simplify<BindingsOf<P> & Bind<N, Node>>> {
  const roots = typeof names === 'string' ? [names] : names;
  const matchNode = (node: Node, graph: Graph, before: Match): Match | Mismatch => {
    if (!roots.includes(opName(node))) return mismatch(`${opName(node)} is not ${roots.join(' or ')}`, before, node);
    const straight = matchInputs(node, inputs, graph, before, false);
    const matched =
      isMismatch(straight) && options.commutative === true ? matchInputs(node, inputs, graph, before, true) : straight;
    if (isMismatch(matched)) return isMismatch(straight) && straight.depth > matched.depth ? straight : matched;
    const covered: Match = { bindings: matched.bindings, nodes: [...matched.nodes, node] };
    return options.as === undefined ? covered : bind(covered, options.as, node);
  };
  return {
    roots,
    matchNode,
    match: (value, graph, match) => {
      if (value === undefined) return mismatch('an input is left out', match);
      const node = value.producer;
      if (node === undefined) return mismatch(`'${value.name}' is not the result of ${roots.join(' or ')}`, match);
      if (!roots.includes(opName(node))) return mismatch(`${opName(node)} is not ${roots.join(' or ')}`, match, node);
      if (node.outputs[0] !== value)
        return mismatch(`'${value.name}' is not the first result of ${opName(node)}`, match, node);
      if (options.soleUse === true && soleUser(graph, value) === undefined) {
        return deeper(mismatch(`'${value.name}' has other readers`, match, node));
      }
      return matchNode(node, graph, match);
    },
  };
}

function matchInputs(
  node: Node,
  patterns: readonly Pattern[] | undefined,
  graph: Graph,
  before: Match,
  swapped: boolean,
): Match | Mismatch {
  if (patterns === undefined) return before;
  let match = before;
  for (let i = 0; i < Math.max(patterns.length, node.inputs.length); i++) {
    const input = node.inputs[swapped && i < 2 ? 1 - i : i];
    const pattern = patterns[i];
    if (pattern === undefined) {
      if (input !== undefined) return deeper(mismatch(`${opName(node)} has an input ${i}`, match, node));
      continue;
    }
    const result = pattern.match(input, graph, match);
    if (isMismatch(result)) return deeper({ ...result, node: result.node ?? node });
    match = result;
  }
  return match;
}

function bind(match: Match, name: string, bound: Value | Node): Match | Mismatch {
  const other = match.bindings.get(name);
  if (other !== undefined && other !== bound) return mismatch(`'${name}' would stand for two different values`, match);
  return { bindings: new Map(match.bindings).set(name, bound), nodes: match.nodes };
}

function mismatch(reason: string, match: Match, node?: Node): Mismatch {
  return { reason, node, depth: match.nodes.length };
}

/** Counts the node around the mismatch, whose operator is right. */
function deeper(found: Mismatch): Mismatch {
  return { ...found, depth: found.depth + 1 };
}
