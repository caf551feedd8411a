import { distance } from '../../runtime/comparison/compare-tensors.js';

/** Engines that compute the results of a comparison. */
export type Engine = 'float' | 'integers' | 'runtime';

/** How many elements of all outputs two engines compute differently. */
export interface EngineAgreement {
  readonly engines: readonly [Engine, Engine];
  readonly elements: number;
  readonly differing: number;
  /** In the units that are compared: steps of the output's grid where the float model is one of the two. */
  readonly largest: number;
}

const PAIRS: readonly (readonly [Engine, Engine])[] = [
  ['float', 'integers'],
  ['float', 'runtime'],
  ['integers', 'runtime'],
];

/**
 * Counts differing elements between each two engines. The two that run the quantised model are compared as they are; the
 * float model's results are brought to the nearest step of the output first, and the others counted in those steps.
 */
export class EngineTally {
  readonly #tallies = PAIRS.map((engines) => ({ engines, elements: 0, differing: 0, largest: 0 }));

  /** @param results of one output and one batch, by engine: the float model's real numbers, the others as delivered */
  add(results: ReadonlyMap<Engine, ArrayLike<number>>, form: OutputSteps): void {
    for (const tally of this.#tallies) {
      const [a, b] = tally.engines.map((engine) => results.get(engine));
      if (a === undefined || b === undefined) continue;
      const ofFloat = tally.engines[0] === 'float';
      for (let i = 0; i < b.length; i++) {
        const [x = NaN, y = NaN] = [a[i], b[i]];
        const by = ofFloat ? distance(form.stepOfReal(x), form.stepOfResult(y)) : distance(x, y);
        if (by === 0) continue;
        tally.differing++;
        tally.largest = Math.max(tally.largest, by);
      }
      tally.elements += b.length;
    }
  }

  /** Of the engines that took part. */
  get agreements(): readonly EngineAgreement[] {
    return this.#tallies.filter(({ elements }) => elements > 0);
  }
}

/** The values that an output can have, numbered. */
export interface OutputSteps {
  /** The number of the value nearest to a real number; the number itself where any value is possible. */
  readonly stepOfReal: (real: number) => number;
  /** The number of what was delivered. */
  readonly stepOfResult: (result: number) => number;
}
