import { Attributes, type AttributeInput } from '../ir/attributes.js';
import type { GraphEditor, ResultSpec } from '../ir/editor.js';
import { InternalError } from '../ir/diagnostics.js';
import { mergeOrigins, type Graph, type Node, type Quantisation, type Value } from '../ir/graph.js';
import { checkCall, type InferenceCall } from '../ir/ops/operator.js';
import type { OperatorTable } from '../ir/ops/table.js';
import type { Tensor } from '../ir/tensor.js';
import type { Dim } from '../ir/shape.js';
import { EMPTY_MATCH, isMismatch, type Match, type Mismatch, type NodePattern } from './pattern.js';

/** A rule's refusal to touch what it matched. */
export interface Decline {
  readonly declined: string;
  readonly node: Node | undefined;
}

/** A refusal: why, and which node stands in the way when it is not the root. */
export const decline = (reason: string, node?: Node): Decline => ({ declined: reason, node });

/** What replaces the results of the matched root, in order. */
export type Replacement = Value | readonly Value[];

/** What is said of a result beyond its inferred type. */
export interface ResultOptions {
  readonly quantisation?: Quantisation | undefined;
  /** The node stands for this one, instead of for the root and all that the pattern covers: same name, label and sources. */
  readonly standsFor?: Node;
  /** Labels the result `<root's label>/<part>`. */
  readonly part?: string;
  /** The result takes over the root's label, instead of what replaces the root's result. */
  readonly heir?: boolean;
  /** The node stands for no source node: it only mediates between dialects. */
  readonly bare?: boolean;
}

/** Adds nodes before the matched root. They stand for the source nodes of everything the pattern covers. */
export interface Builder {
  readonly graph: Graph;
  /** One node with one result; the type comes from the operator table. */
  readonly op: (
    name: string,
    inputs: readonly (Value | undefined)[],
    attrs?: Attributes | Readonly<Record<string, AttributeInput | undefined>>,
    result?: ResultOptions,
  ) => Value;
  /** A constant, which needs no place among the nodes. */
  readonly constant: (tensor: Tensor, name?: string, quantisation?: Quantisation) => Value;
}

/** The three answers that make a rule: pattern, check, rewrite. */
export interface RuleSpec<B extends object> {
  /** Kebab-case, verb first. */
  readonly name: string;
  readonly match: NodePattern<B>;
  /** Refuses with a reason what the pattern cannot express. Pure. */
  readonly check?: (bindings: B, graph: Graph) => Decline | undefined;
  /** Builds the replacement of the root's results. Pure but for the builder. */
  readonly rewrite: (bindings: B, to: Builder) => Replacement | Decline;
}

/** What became of a rule at one node. */
export type RuleOutcome =
  | {
      readonly kind: 'applied';
      /** Results of the root and what takes over their labels. */
      readonly replaced: readonly (readonly [from: Value, heir: Value])[];
      readonly added: readonly Node[];
    }
  | { readonly kind: 'declined'; readonly decline: Decline }
  | { readonly kind: 'mismatch'; readonly mismatch: Mismatch };

/** A rewrite with its binding types hidden, as the driver sees it. */
export interface Rule {
  readonly name: string;
  readonly roots: readonly string[];
  /** Tries the rule at `root`; on success the root's readers read the replacement, the root itself still stands. */
  readonly apply: (root: Node, editor: GraphEditor, operators: OperatorTable) => RuleOutcome;
}

/** Makes a rule; the types of its bindings follow from the pattern. */
export function rule<B extends object>(spec: RuleSpec<B>): Rule {
  return {
    name: spec.name,
    roots: spec.match.roots,
    apply: (root, editor, operators) => {
      const match = spec.match.matchNode(root, editor.graph, EMPTY_MATCH);
      if (isMismatch(match)) return { kind: 'mismatch', mismatch: match };
      // The pattern's type says what its match binds; the map behind it is untyped. A name that an optional pattern did
      // not bind reads as undefined.
      const bindings = Object.fromEntries(match.bindings) as B;
      const refusal = spec.check?.(bindings, editor.graph);
      if (refusal !== undefined) return { kind: 'declined', decline: refusal };
      const added: Node[] = [];
      const fresh = new Set<Dim>();
      const stop = editor.listen((event) => {
        if (event.kind === 'node-added') added.push(event.node);
      });
      try {
        let heir: Value | undefined;
        const inherit = (value: Value): void => {
          heir = value;
        };
        const result = spec.rewrite(bindings, makeBuilder(root, match, editor, operators, inherit, fresh));
        if ('declined' in result) {
          for (const node of added.toReversed()) editor.remove(node);
          return { kind: 'declined', decline: result };
        }
        const replacements: readonly Value[] = 'type' in result ? [result] : result;
        const replaced = root.outputs.flatMap((from, i) => {
          const to = replacements[i];
          return to === undefined ? [] : [[from, to] as const];
        });
        keepSizes(replaced, added, fresh, editor);
        for (const [from, to] of replaced) editor.replaceAllUses(from, to);
        return { kind: 'applied', replaced: replaced.map(([from, to]) => [from, heir ?? to] as const), added };
      } finally {
        stop();
      }
    },
  };
}

/** Symbols that rewrites have given out in a graph: the same one never stands for two unknown sizes. */
const symbolCounts = new WeakMap<Graph, number>();

function freshSymbol(graph: Graph, label: string): string {
  const count = symbolCounts.get(graph) ?? 0;
  symbolCounts.set(graph, count + 1);
  return `${label}:${count}`;
}

/** What replaces a value has its sizes: symbols that the rewrite has given out for them become what was known before. */
function keepSizes(
  replaced: readonly (readonly [from: Value, to: Value])[],
  added: readonly Node[],
  fresh: ReadonlySet<Dim>,
  editor: GraphEditor,
): void {
  const known = new Map<Dim, Dim>();
  for (const [from, to] of replaced) {
    for (const [axis, dim] of to.type.shape.entries()) {
      const before = from.type.shape[axis];
      if (fresh.has(dim) && before !== undefined) known.set(dim, before);
    }
  }
  if (known.size === 0) return;
  for (const value of added.flatMap((node) => node.outputs)) {
    const { shape } = value.type;
    if (!shape.some((dim) => known.has(dim))) continue;
    editor.setType(value, { ...value.type, shape: shape.map((dim) => known.get(dim) ?? dim) });
  }
}

function makeBuilder(
  root: Node,
  match: Match,
  editor: GraphEditor,
  operators: OperatorTable,
  inherit: (value: Value) => void,
  fresh: Set<Dim>,
): Builder {
  const origins = mergeOrigins(match.nodes);
  return {
    graph: editor.graph,
    constant: (tensor, name, quantisation) => editor.constant(tensor, name, quantisation),
    op: (qualified, inputs, attrs = Attributes.none, result = {}) => {
      const spec = operators.get(qualified);
      if (spec === undefined)
        throw new InternalError(`operator ${qualified} is not in the dialect that is being built`);
      const attributes = attrs instanceof Attributes ? attrs : Attributes.of(attrs);
      const call: InferenceCall = {
        op: spec.name,
        attrs: attributes,
        inputs,
        outputCount: 1,
        freshDim: () => {
          const symbol = freshSymbol(editor.graph, root.outputs[0]?.name ?? spec.name);
          fresh.add(symbol);
          return symbol;
        },
      };
      const [fault] = checkCall(spec, call);
      if (fault !== undefined) throw new InternalError(`a rewrite built an illegal ${qualified}: ${fault.message}`);
      const [facts] = spec.infer(call);
      if (facts === undefined) throw new InternalError(`${qualified} has no result`);
      const type =
        result.quantisation === undefined ? facts.type : { ...facts.type, quantisation: result.quantisation };
      const source = result.standsFor ?? root;
      const label = source.outputs[0]?.name ?? spec.name;
      const name = result.part === undefined ? label : `${label}/${result.part}`;
      const output: ResultSpec = { name, type, contents: facts.contents };
      const node = editor.addNode(
        {
          op: spec.name,
          domain: spec.domain,
          name: source.name,
          inputs,
          attrs: attributes,
          origins: result.bare === true ? [] : (result.standsFor?.origins ?? origins),
          outputs: [output],
        },
        root,
      );
      const [value] = node.outputs;
      if (value === undefined) throw new InternalError(`${qualified} was added without a result`);
      if (result.heir === true) inherit(value);
      return value;
    },
  };
}
