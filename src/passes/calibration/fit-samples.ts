import { UserError, type Diagnostic } from '../../ir/diagnostics.js';
import { Tensor } from '../../ir/tensor.js';
import { assignArrays } from './assign-arrays.js';
import { batchingOf, type Batching } from './batching.js';
import { fitArray, isDiagnostic, type FittedArray } from './fit-array.js';
import { readSamples, type SampleArray } from './read-samples.js';
import { rebatch, rowsOf } from './rebatch.js';
import { checkBatchSize, type SampleBatch, type SampleInput, type SampleSource } from './samples.js';
import { storedTensors, type StoredFile } from './stored.js';

/** Files whose arrays together are samples for all inputs of a model. */
export type SampleSet = readonly StoredFile[];

/** A tensor for the only input of a model, or one for every input by name. */
export type SampleItem = Tensor | ReadonlyMap<string, Tensor>;

/** How samples are named, and who is told of those left out. */
export interface FitOptions {
  /** Where the samples are from, for people to read; by default the files they are in. */
  readonly origin?: string | undefined;
  /** Told about samples that are left out. */
  readonly report?: ((diagnostic: Diagnostic) => void) | undefined;
}

/** How many arrays that do not fit are told one by one. */
const MOST_PROBLEMS = 8;

/**
 * Adapts stored arrays to the inputs of a model, in shape (see `fitShape`) and element type (see `convertElements`). The
 * sets follow one another. A model of fixed batch B gets batches of B, across the seams of sets; what is left over is
 * dropped with a warning. Only what the files declare is looked at before the first batch is asked for.
 * @throws UserError with every array that does not fit, or when there is no sample.
 */
export function fitSamples(
  inputs: readonly SampleInput[],
  sets: readonly SampleSet[],
  options: FitOptions = {},
): SampleSource {
  const batching = batchingOf(inputs);
  const fitted: FittedSet[] = [];
  const problems: Diagnostic[] = [];
  for (const set of sets) {
    try {
      fitted.push(fitSet(inputs, set, batching));
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      problems.push(...error.diagnostics);
    }
  }
  if (problems.length > 0) throw new UserError(shorten(problems));
  const total = fitted.reduce((sum, set) => sum + set.samples, 0);
  const left = total % (batching.fixed ?? 1);
  const settle = accountant(batching, options);
  const count = total - left;
  settle(count, left);
  return {
    count,
    description: `${count === 1 ? '1 sample' : `${count} samples`} from ${options.origin ?? placeOf(sets.flat())}`,
    fixedBatch: batching.fixed,
    batches: (size) => deliver(fitted, batching, checkBatchSize(size), settle),
  };
}

/** The samples that tensors in memory hold: one tensor for the only input, or one for every input by name. */
export function tensorSamples(
  inputs: readonly SampleInput[],
  tensors: SampleItem,
  options: FitOptions = {},
): SampleSource {
  return fitSamples(inputs, [[stored(tensors, 'the data')]], options);
}

/**
 * The samples of items that come one after another, each of one or more samples. They are fitted and checked as they come,
 * and nothing is kept. To run through the samples more than once, give a function that starts the items afresh.
 */
export function streamSamples(
  inputs: readonly SampleInput[],
  items: AsyncIterable<SampleItem> | Iterable<SampleItem> | (() => AsyncIterable<SampleItem> | Iterable<SampleItem>),
  options: FitOptions = {},
): SampleSource {
  const batching = batchingOf(inputs);
  const settle = accountant(batching, options);
  async function* sets(): AsyncGenerator<FittedSet> {
    let index = 0;
    for await (const item of typeof items === 'function' ? items() : items) {
      yield fitSet(inputs, [stored(item, `item ${index++} of the data`)], batching);
    }
  }
  return {
    count: undefined,
    description: `samples from ${options.origin ?? 'a stream'}`,
    fixedBatch: batching.fixed,
    batches: (size) => deliver(sets(), batching, checkBatchSize(size), settle),
  };
}

interface FittedSet {
  readonly samples: number;
  readonly arrays: readonly SampleArray[];
}

const stored = (item: SampleItem, origin: string): StoredFile =>
  storedTensors(item instanceof Tensor ? [['', item]] : item, origin);

function fitSet(inputs: readonly SampleInput[], set: SampleSet, { rowsPerSample }: Batching): FittedSet {
  const assigned = assignArrays(inputs, set);
  if (isDiagnostic(assigned)) throw new UserError(assigned);
  const results = inputs.flatMap((input, i) => {
    const source = assigned[i];
    return source === undefined ? [] : [fitArray(input, source)];
  });
  const misfits = results.filter(isDiagnostic);
  if (misfits.length > 0) throw new UserError(misfits);
  const arrays = results.filter((result): result is FittedArray => !isDiagnostic(result));
  const samples = commonCount(arrays, rowsPerSample);
  return { samples, arrays: arrays.map((array) => ({ ...array, rowsPerSample: rowsPerSample(array.input) })) };
}

/** The number of samples, which must be the same for all inputs. */
function commonCount(arrays: readonly FittedArray[], rowsPerSample: Batching['rowsPerSample']): number {
  const counts = arrays.flatMap(({ fit, input, source }) =>
    fit === undefined ? [] : [{ count: fit.rows / rowsPerSample(input), input, source }],
  );
  const [first, ...others] = counts;
  if (first === undefined) return 1;
  if (Number.isInteger(first.count) && others.every(({ count }) => count === first.count)) return first.count;
  const found = counts.map(({ count, input, source }) => `${count} of '${input.name}' (${source.file.origin})`);
  throw new UserError({
    code: 'sample-count',
    severity: 'error',
    message: `the inputs have different numbers of samples: ${found.join(', ')}`,
    hint: 'give as many samples for each input',
  });
}

async function* deliver(
  sets: Iterable<FittedSet> | AsyncIterable<FittedSet>,
  { fixed, divisible }: Batching,
  size: number,
  settle: (delivered: number, left: number) => void,
): AsyncGenerator<SampleBatch> {
  const blocks = read(sets, fixed ?? size);
  let delivered = 0;
  let left = 0;
  for await (const batch of divisible ? rebatch(blocks, fixed ?? size) : blocks) {
    const samples = divisible ? rowsOf(batch) : 1;
    if (fixed !== undefined && samples < fixed) left += samples;
    else {
      delivered += samples;
      yield batch;
    }
  }
  settle(delivered, left);
}

async function* read(sets: Iterable<FittedSet> | AsyncIterable<FittedSet>, size: number): AsyncGenerator<SampleBatch> {
  for await (const { arrays } of sets) yield* readSamples(arrays, size);
}

/** Judges how many samples made it into batches: none is an error, a remainder is reported once. */
function accountant({ fixed }: Batching, { report }: FitOptions): (delivered: number, left: number) => void {
  let reported = false;
  return (delivered, left) => {
    if (delivered === 0) {
      throw new UserError({
        code: 'no-samples',
        severity: 'error',
        message:
          left === 0
            ? 'there is no sample'
            : `the model takes batches of ${fixed ?? 1} samples, but there are only ${left}`,
        hint: left === 0 ? 'give at least one sample' : 'give more samples, or export the model with a free batch size',
      });
    }
    if (left === 0 || reported) return;
    reported = true;
    report?.({
      code: 'samples-left-out',
      severity: 'warning',
      message: `the model takes batches of ${fixed ?? 1} samples: ${left} of ${delivered + left} are left over and not used`,
    });
  };
}

function shorten(problems: readonly Diagnostic[]): Diagnostic[] {
  const shown = problems.slice(0, MOST_PROBLEMS);
  const more = problems.length - shown.length;
  if (more > 0) {
    shown.push({
      code: 'more-problems',
      severity: 'error',
      message: `${more} more arrays do not fit the model either`,
    });
  }
  return shown;
}

const placeOf = (files: readonly StoredFile[]): string => {
  const [first, ...others] = files;
  return first !== undefined && others.length === 0 ? first.origin : `${files.length} files`;
};
