import { opName, type Node } from '../ir/graph.js';
import { printNode } from '../ir/text/print.js';
import type { Mismatch } from './pattern.js';
import type { Decline } from './rule.js';

/** A rule fired. Nodes are in text form, so that a record outlives the graph. */
export interface Application {
  readonly rule: string;
  readonly before: string;
  readonly after: readonly string[];
}

/** A rule matched but refused, or came closest to matching without doing so. */
export interface NearMiss {
  readonly rule: string;
  /** The node that stood in the way. */
  readonly node: string;
  readonly reason: string;
  /** How many nodes of the pattern had matched; the whole pattern for a refusal. */
  readonly depth: number;
}

/** Records what the driver did and what it almost did. */
export class Trace {
  readonly #applications: Application[] = [];
  readonly #declines = new Map<string, NearMiss>();
  readonly #nearest = new Map<string, NearMiss>();

  /** Notes that a rule fired. */
  applied(rule: string, before: string, added: readonly Node[]): void {
    this.#applications.push({ rule, before, after: added.map(printNode) });
  }

  /** Notes that a rule refused. */
  declined(rule: string, root: Node, { declined, node }: Decline): void {
    const at = describe(node ?? root);
    this.#declines.set(`${rule} ${at}`, { rule, node: at, reason: declined, depth: Infinity });
  }

  /** Notes that a rule did not match, if no node came closer. */
  mismatched(rule: string, root: Node, { reason, node, depth }: Mismatch): void {
    const best = this.#nearest.get(rule);
    if (depth > (best?.depth ?? 0)) this.#nearest.set(rule, { rule, node: describe(node ?? root), reason, depth });
  }

  get applications(): readonly Application[] {
    return this.#applications;
  }

  /** Refusals of each rule; for a rule that neither fired nor refused, its nearest miss, if any node matched at all. */
  get nearMisses(): readonly NearMiss[] {
    const silent = new Set(this.#nearest.keys());
    for (const { rule } of this.#applications) silent.delete(rule);
    for (const { rule } of this.#declines.values()) silent.delete(rule);
    return [...this.#declines.values(), ...[...this.#nearest.values()].filter(({ rule }) => silent.has(rule))];
  }
}

const describe = (node: Node): string => `'${node.name}' (${opName(node)})`;
