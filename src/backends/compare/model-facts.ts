import type { InputFacts } from './quantised-feeds.js';

/** What quantc writes into a model about it (spec 4.2). */
export interface ModelFacts {
  readonly recipe: string;
  readonly inputs: ReadonlyMap<string, InputFacts>;
  readonly outputs: ReadonlyMap<string, InputFacts>;
  /** Inner tensors. */
  readonly tensors: ReadonlyMap<string, InputFacts>;
}
