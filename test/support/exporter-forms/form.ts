import { uniformSource } from '../../../src/ir/random.js';
import type { DraftNode, ModelDraft } from '../model-draft.js';

/** Seeded choices. */
export class Dice {
  readonly #next: () => number;

  constructor(seed: number) {
    this.#next = uniformSource(seed);
  }

  chance(p: number): boolean {
    return (this.#next() + 1) / 2 < p;
  }

  /** One of several; the list must not be empty. */
  of<T>(list: readonly T[]): T {
    const item = list[Math.floor(((this.#next() + 1) / 2) * list.length)];
    if (item === undefined) throw new Error('there is nothing to choose from');
    return item;
  }

  shuffled<T>(list: readonly T[]): T[] {
    const rest = [...list];
    const result: T[] = [];
    while (rest.length > 0) {
      const item = this.of(rest);
      rest.splice(rest.indexOf(item), 1);
      result.push(item);
    }
    return result;
  }
}

/**
 * Another way in which an exporter writes a node and what is in front of it: the nodes that take its place, whose last
 * ones compute its outputs, or undefined where the form does not apply. What stood in front goes when nothing reads it.
 */
export interface Form {
  readonly name: string;
  readonly rewrite: (node: DraftNode, draft: ModelDraft, dice: Dice) => readonly DraftNode[] | undefined;
}

/** Writes some of the nodes of a draft in another form; the number that changed. */
export function applyForm({ rewrite }: Form, draft: ModelDraft, dice: Dice, share: number): number {
  let count = 0;
  for (const node of draft.nodes) {
    if (!draft.nodes.includes(node) || !dice.chance(share)) continue;
    const nodes = rewrite(node, draft, dice);
    if (nodes === undefined) continue;
    draft.nodes = draft.nodes.flatMap((old) => (old === node ? nodes : [old]));
    count++;
  }
  draft.prune();
  return count;
}

/** The data and the constant of arithmetic whose second or first operand is constant. */
export function operandsOf(
  { inputs: [a, b] }: DraftNode,
  draft: ModelDraft,
): { readonly x: string; readonly c: string } | undefined {
  if (a === undefined || b === undefined) return undefined;
  if (draft.constants.has(b) && !draft.constants.has(a)) return { x: a, c: b };
  return draft.constants.has(a) && !draft.constants.has(b) ? { x: b, c: a } : undefined;
}

export const isPowerOfTwo = (x: number): boolean => x > 0 && Number.isInteger(Math.log2(x));
