import type { IntegerFacts } from './quantised-feeds.js';

/** What quantc writes into a model about it (spec 4.2). */
export interface ModelFacts {
  readonly recipe: string;
  readonly inputs: ReadonlyMap<string, IntegerFacts>;
  readonly outputs: ReadonlyMap<string, IntegerFacts>;
  /** Inner tensors. */
  readonly tensors: ReadonlyMap<string, IntegerFacts>;
}
