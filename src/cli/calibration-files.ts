import { readdir, stat } from 'node:fs/promises';
import { basename, extname, join, resolve } from 'node:path';
import { UserError, type Diagnostic } from '../ir/diagnostics.js';
import { fitSamples, type SampleSet } from '../passes/calibration/fit-samples.js';
import type { SampleInput, SampleSource } from '../passes/calibration/samples.js';
import type { StoredFile } from '../passes/calibration/stored.js';
import { mistake, withFile } from './faults.js';
import { compareNaturally } from './natural-order.js';
import { ARRAY_EXTENSIONS, isArrayFile, storedFile } from './stored-file.js';

export interface CalibrationOptions {
  /** The folder that relative paths start from; that of the process by default. */
  readonly cwd?: string | undefined;
  /** Told about samples that are left out. */
  readonly report?: ((diagnostic: Diagnostic) => void) | undefined;
}

const ACCEPTED = `${ARRAY_EXTENSIONS.join(', ')} and folders of those are accepted`;

/**
 * The calibration samples of `--calib` (spec 4.1): files and folders one after the other, folders in natural order of
 * their file names. A model of several inputs takes .npz files with an array for each, or one file for each: named as the
 * inputs or in their order. Folders of ONNX test data are known by `test_data_set_<n>` and `input_<i>`.
 * @throws UserError with everything that is wrong with the files; elements are judged when they are read.
 */
export async function openCalibration(
  paths: readonly string[],
  inputs: readonly SampleInput[],
  { cwd = '.', report }: CalibrationOptions = {},
): Promise<SampleSource> {
  const problems: Diagnostic[] = [];
  const files: StoredFile[] = [];
  const sets: SampleSet[] = [];
  for (const path of paths) {
    try {
      const found = await look(path, cwd);
      if (found.isFolder) sets.push(...(await folderSets(path, cwd, inputs)));
      else if (inputs.length === 1) sets.push([await openFile(path, cwd, paths.length === 1)]);
      else files.push(await openFile(path, cwd, paths.length === 1));
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      problems.push(...error.diagnostics);
    }
  }
  if (problems.length > 0) throw new UserError(problems);
  return fitSamples(inputs, [...group(files, inputs), ...sets], { origin: paths.join(', '), report });
}
