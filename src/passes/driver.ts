import { InternalError } from '../ir/diagnostics.js';
import type { GraphEditor } from '../ir/editor.js';
import { isConstant, isGraphOutput, opName, type Node } from '../ir/graph.js';
import type { OperatorTable } from '../ir/ops/table.js';
import { printGraph, printNode } from '../ir/text/print.js';
import type { Rule } from './rule.js';
import type { Trace } from './trace.js';

/** Why a run of the driver came to an end. */
export interface RewriteSummary {
  /** `fixpoint`: no rule applies any more. `limit`: the bound was reached; the rules listed last were still firing. */
  readonly stopped: 'fixpoint' | 'limit';
  /** How often each rule applied, in the order of the rules. */
  readonly counts: ReadonlyMap<string, number>;
}

/** What rewrites may build, and when to stop. */
export interface RewriteOptions {
  readonly operators: OperatorTable;
  readonly trace?: Trace | undefined;
  /** Most applications in one run; default 64 for every node and rule, far above what a terminating set of rules needs. */
  readonly limit?: number | undefined;
}

/**
 * Applies rules until none applies: nodes in topological order first, then whatever a change touches, then all again, as
 * a rule may look further than that. The order of the rules is their priority at one node.
 * @throws InternalError when a rule breaks (with the graph's text form).
 */
export function applyRules(editor: GraphEditor, rules: readonly Rule[], options: RewriteOptions): RewriteSummary {
  const { graph } = editor;
  const limit = options.limit ?? 64 * (graph.nodes.length + 1) * rules.length;
  const counts = new Map(rules.map((rule) => [rule.name, 0]));
  const byRoot = indexByRoot(rules);
  const queue = new Set(graph.nodes);
  /** Nodes that the rule at work has added or changed (true) or removed (false). */
  const changes = new Map<Node, boolean>();
  const stop = editor.listen((event) => {
    if (event.kind !== 'output-changed') changes.set(event.node, event.kind !== 'node-removed');
  });
  let applications = 0;
  let atLastSweep = 0;
  try {
    for (const node of queue) {
      queue.delete(node);
      for (const rule of byRoot.get(opName(node)) ?? []) {
        const before = options.trace === undefined ? '' : printNode(node);
        changes.clear();
        const outcome = guard(rule, node, editor, options.operators);
        if (outcome.kind === 'mismatch') options.trace?.mismatched(rule.name, node, outcome.mismatch);
        else if (outcome.kind === 'declined') options.trace?.declined(rule.name, node, outcome.decline);
        else {
          removeIfDead(editor, node);
          for (const [from, heir] of outcome.replaced) {
            if (heir.producer !== undefined && outcome.added.includes(heir.producer)) editor.rename(heir, from.name);
          }
          for (const changed of changes.keys()) touch(changed, queue);
          for (const [changed, stands] of changes) if (!stands) queue.delete(changed);
          options.trace?.applied(rule.name, before, outcome.added);
          counts.set(rule.name, (counts.get(rule.name) ?? 0) + 1);
          if (++applications >= limit) return { stopped: 'limit', counts };
          break;
        }
      }
      if (queue.size === 0 && applications > atLastSweep) {
        atLastSweep = applications;
        for (const each of graph.nodes) queue.add(each);
      }
    }
    return { stopped: 'fixpoint', counts };
  } finally {
    stop();
  }
}

/** Removes the node if nothing reads its results, then whatever that leaves unread. */
export function removeIfDead(editor: GraphEditor, node: Node): void {
  const candidates = [node];
  const removed = new Set<Node>();
  for (let candidate = candidates.pop(); candidate !== undefined; candidate = candidates.pop()) {
    if (removed.has(candidate)) continue;
    if (candidate.outputs.some((output) => output.uses.size > 0 || isGraphOutput(editor.graph, output))) continue;
    const producers = candidate.inputs.flatMap((input) => input?.producer ?? []);
    editor.remove(candidate);
    removed.add(candidate);
    candidates.push(...new Set(producers));
  }
}

/**
 * A change at a node may let rules match at the node, at its readers and at the readers of those, at the producers of
 * what it reads and, as it may be or have been one reader among several, at the other readers.
 */
function touch(node: Node, queue: Set<Node>): void {
  queue.add(node);
  for (const output of node.outputs) {
    for (const { node: reader } of output.uses) {
      queue.add(reader);
      for (const result of reader.outputs) for (const use of result.uses) queue.add(use.node);
    }
  }
  for (const input of node.inputs) {
    if (input === undefined || isConstant(input)) continue;
    if (input.producer !== undefined) queue.add(input.producer);
    for (const { node: sibling } of input.uses) queue.add(sibling);
  }
}

function indexByRoot(rules: readonly Rule[]): ReadonlyMap<string, readonly Rule[]> {
  const index = new Map<string, Rule[]>();
  for (const rule of rules) {
    for (const root of rule.roots) {
      const list = index.get(root);
      if (list === undefined) index.set(root, [rule]);
      else list.push(rule);
    }
  }
  return index;
}

function guard(rule: Rule, node: Node, editor: GraphEditor, operators: OperatorTable): ReturnType<Rule['apply']> {
  try {
    return rule.apply(node, editor, operators);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const context = { rule: rule.name, node: printNode(node), graph: printGraph(editor.graph) };
    throw new InternalError(`rule ${rule.name} failed at ${opName(node)} '${node.name}': ${message}`, context, error);
  }
}
