import { readdir, stat } from 'node:fs/promises';
import { basename, extname, join, resolve } from 'node:path';
import { UserError, type Diagnostic } from '../ir/diagnostics.js';
import { fitSamples, type SampleSet } from '../passes/calibration/fit-samples.js';
import type { SampleInput, SampleSource } from '../passes/calibration/samples.js';
import type { StoredFile } from '../passes/calibration/stored.js';
import { mistake, refuseAll, withFile } from './faults.js';
import { compareNaturally } from './natural-order.js';
import { ARRAY_EXTENSIONS, isArrayFile, storedFile } from './stored-file.js';

export interface CalibrationOptions {
  /** The folder that relative paths start from; that of the process by default. */
  readonly cwd?: string | undefined;
  /** Told about samples that are left out. */
  readonly report?: ((diagnostic: Diagnostic) => void) | undefined;
}

/** How many files that cannot be used are told one by one. */
const MOST_PROBLEMS = 8;

/** A folder of ONNX test data, and an input in one. */
const TEST_SET = /^test_data_set_\d+$/;
const TEST_INPUT = /^input_\d+\.[a-z]+$/i;

/**
 * The calibration samples of `--calib` (spec 4.1): files and folders one after the other, folders in natural order of
 * their file names. A model of several inputs takes .npz files with an array for each input, or a file for each: named as
 * the inputs are, or in their order. ONNX test data are known by `test_data_set_<n>` and `input_<i>`.
 * @throws UserError with what is wrong with the files; their elements are judged when they are read.
 */
export async function openCalibration(
  paths: readonly string[],
  inputs: readonly SampleInput[],
  { cwd = '.', report }: CalibrationOptions = {},
): Promise<SampleSource> {
  const attempt = new Attempts();
  const files: StoredFile[] = [];
  const sets: SampleSet[] = [];
  for (const origin of paths) {
    await attempt.next(async () => {
      const place: Place = { path: resolve(cwd, origin), origin };
      const { isFolder, bytes } = await look(place);
      if (isFolder) sets.push(...(await setsOfFolder(place, inputs, attempt)));
      else {
        const file = await storedFile(place.path, { origin, bytes, keep: paths.length === 1 });
        if (inputs.length === 1) sets.push([file]);
        else files.push(file);
      }
    });
  }
  attempt.settle();
  return fitSamples(inputs, [...setsOf(files, inputs), ...sets], { origin: paths.join(', '), report });
}

interface Place {
  /** Absolute. */
  readonly path: string;
  /** What messages call it. */
  readonly origin: string;
}

const within = ({ path, origin }: Place, name: string): Place => ({
  path: join(path, name),
  origin: `${origin.replace(/[\\/]+$/, '')}/${name}`,
});

async function look({ path, origin }: Place): Promise<{ readonly isFolder: boolean; readonly bytes: number }> {
  const found = await withFile(`'${origin}' cannot be read`, () => stat(path));
  if (found.isFile() || found.isDirectory()) return { isFolder: found.isDirectory(), bytes: found.size };
  throw new UserError(mistake('file', `'${origin}' is neither a file nor a folder`));
}

/** Names in a folder in natural order, without hidden ones. */
async function namesIn({ path, origin }: Place): Promise<readonly string[]> {
  const names = await withFile(`'${origin}' cannot be read`, () => readdir(path));
  return names.filter((name) => !name.startsWith('.')).sort(compareNaturally);
}

async function setsOfFolder(
  folder: Place,
  inputs: readonly SampleInput[],
  attempt: Attempts,
): Promise<readonly SampleSet[]> {
  const names = await namesIn(folder);
  const testSets = names.filter((name) => TEST_SET.test(name)).map((name) => within(folder, name));
  if (testSets.length === 0) return setsOfFiles(folder, names, inputs, attempt);
  const sets: SampleSet[] = [];
  for (const testSet of testSets) {
    await attempt.next(async () => {
      sets.push(...(await setsOfFiles(testSet, await namesIn(testSet), inputs, attempt)));
    });
  }
  return sets;
}

/** The samples of the files in a folder; where there are inputs of test data, only of those. */
async function setsOfFiles(
  folder: Place,
  names: readonly string[],
  inputs: readonly SampleInput[],
  attempt: Attempts,
): Promise<readonly SampleSet[]> {
  const usable = names.filter(isArrayFile);
  if (usable.length === 0) {
    const message = `the folder '${folder.origin}' holds no calibration data`;
    throw new UserError(mistake('no-samples', message, `${ARRAY_EXTENSIONS.join(', ')} files are looked for`));
  }
  const testInputs = usable.filter((name) => TEST_INPUT.test(name));
  const files: StoredFile[] = [];
  for (const name of testInputs.length > 0 ? testInputs : usable) {
    await attempt.next(async () => {
      const { path, origin } = within(folder, name);
      const { bytes } = await look({ path, origin });
      files.push(await storedFile(path, { origin, bytes, keep: false }));
    });
  }
  return testInputs.length > 0 && inputs.length > 1 ? [files.map(inOrder)] : setsOf(files, inputs);
}

/** Files as samples: one by one for a single input, otherwise those of one array together and the others by themselves. */
function setsOf(files: readonly StoredFile[], inputs: readonly SampleInput[]): readonly SampleSet[] {
  if (inputs.length === 1) return files.map((file) => [file]);
  const single = files.filter(({ arrays }) => arrays.length === 1);
  const several = files.filter(({ arrays }) => arrays.length !== 1);
  return [...(single.length > 0 ? [together(single, inputs)] : []), ...several.map((file) => [file])];
}

/** Files of one array each, by the names of the files when those are the names of the inputs, otherwise in order. */
function together(files: readonly StoredFile[], inputs: readonly SampleInput[]): SampleSet {
  const stems = files.map(({ origin }) => basename(origin, extname(origin)));
  const named = inputs.every(({ name }) => stems.filter((stem) => stem === name).length === 1);
  return files.map((file, i) => (named ? renamed(file, stems[i]) : inOrder(file)));
}

const renamed = (file: StoredFile, name: string | undefined): StoredFile => ({
  ...file,
  arrays: file.arrays.map((array) => ({ ...array, name })),
});

const inOrder = (file: StoredFile): StoredFile => renamed(file, undefined);

/** Goes on after refusals, so that several can be told at once. */
class Attempts {
  readonly #problems: Diagnostic[] = [];

  /** Does something, unless too much has gone wrong before. */
  async next(work: () => Promise<void>): Promise<void> {
    if (this.#problems.length >= MOST_PROBLEMS) return;
    try {
      await work();
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      this.#problems.push(...error.diagnostics);
    }
  }

  settle(): void {
    refuseAll(this.#problems);
  }
}
