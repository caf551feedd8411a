import type { Value } from '../../ir/graph.js';
import type { Tensor } from '../../ir/tensor.js';
import { rebatch } from './rebatch.js';

/** What of a graph input its samples depend on. */
export type SampleInput = Pick<Value, 'name' | 'type'>;

/** One value for every input of a graph, by name, with the batch on axis 0 (an input without axes has none). */
export type SampleBatch = ReadonlyMap<string, Tensor>;

/** Calibration data that fit a model; they can be run through more than once. */
export interface SampleSource {
  /** How many samples there are, when that is known before they are read. */
  readonly count: number | undefined;
  /** What and where from, for people to read. */
  readonly description: string;
  /** The only batch size that the model takes; undefined when it takes any. */
  readonly fixedBatch: number | undefined;
  /**
   * The samples in order, `size` to a batch or as many as the model is fixed to. A batch is shorter at the end and where
   * the size of the samples changes, never longer.
   * @throws UserError while reading, when a sample turns out not to fit; RangeError for sizes that are no positive integer.
   */
  readonly batches: (size: number) => AsyncIterable<SampleBatch>;
}

/** A batch size as it is. @throws RangeError unless it is a positive integer. */
export function checkBatchSize(size: number): number {
  if (!Number.isSafeInteger(size) || size < 1) throw new RangeError(`a batch size is a positive integer, not ${size}`);
  return size;
}

/** The samples of several sources for the same model, one source after the other; batches run across the seams. */
export function concatSamples(sources: readonly SampleSource[]): SampleSource {
  const fixedBatch = sources.find((source) => source.fixedBatch !== undefined)?.fixedBatch;
  const counts = sources.map((source) => source.count);
  return {
    count: counts.reduce((sum, count) => (sum === undefined || count === undefined ? undefined : sum + count), 0),
    description: sources.map((source) => source.description).join('; '),
    fixedBatch,
    batches: (size) => {
      const batches = chain(sources, checkBatchSize(size));
      return fixedBatch === undefined ? rebatch(batches, size) : batches;
    },
  };
}

async function* chain(sources: readonly SampleSource[], size: number): AsyncGenerator<SampleBatch> {
  for (const source of sources) yield* source.batches(size);
}
