import { resolve } from 'node:path';
import type { Diagnostic } from '../ir/diagnostics.js';
import { fitSamples } from '../passes/calibration/fit-samples.js';
import type { SampleInput, SampleSource } from '../passes/calibration/samples.js';
import { openCalibration } from './calibration-files.js';
import { withFile } from './faults.js';
import type { CliIo } from './io.js';
import type { Settings } from './settings.js';
import { storedFile } from './stored-file.js';
import { formatType } from './text/format.js';

/** One `--input`, or `--data`. */
export interface InputPath {
  /** The path as it was typed. */
  readonly name: string;
  readonly path: string;
  /** The input of the model that it is for, where that was said. */
  readonly input: string | undefined;
}

/** Tells `name=path` from a path: the name is that of an input. Refuses what leaves an input without data. */
export function assignPaths(
  given: readonly string[],
  inputs: readonly SampleInput[],
  settings: Settings,
  option = '--input',
): readonly InputPath[] {
  const paths = given.map((text): InputPath => {
    const input = inputs.find(({ name }) => text.startsWith(`${name}=`))?.name;
    const path = input === undefined ? text : text.slice(input.length + 1);
    return { name: path, path, input };
  });
  const wanted = `the model takes ${inputs.map(({ name, type }) => `'${name}' ${formatType(type.dtype, type.shape)}`).join(', ')}`;
  const named = new Set(paths.flatMap(({ input }) => input ?? []));
  if (paths.length === 0 && inputs.length > 0) {
    settings.refuse('no data are given', `add ${option} <file>: ${wanted}`);
  } else if (named.size > 0 && (named.size < paths.length || named.size < inputs.length)) {
    settings.refuse(`${option} names ${named.size} of ${inputs.length} inputs, once each is accepted`, wanted);
  } else if (paths.length > 0 && inputs.length === 0) {
    settings.refuse('the model takes no input', `leave out ${option}`);
  }
  return paths;
}

/** Samples for all inputs: by the names given, or as calibration data are assigned. */
export async function openInputs(
  paths: readonly InputPath[],
  inputs: readonly SampleInput[],
  io: CliIo,
  report: (diagnostic: Diagnostic) => void,
): Promise<SampleSource> {
  if (inputs.length === 0) return NO_SAMPLES;
  if (paths.every(({ input }) => input === undefined)) {
    return openCalibration(
      paths.map(({ path }) => path),
      inputs,
      { cwd: io.cwd, report },
    );
  }
  const files = await Promise.all(
    paths.map(async ({ name, path, input }) => {
      const absolute = resolve(io.cwd, path);
      const facts = await withFile(`'${name}' cannot be read`, () => io.files.stat(absolute));
      const file = await storedFile(absolute, { origin: name, bytes: facts?.bytes ?? 0, keep: true });
      // One array is the input's whatever it is called; among several the name decides.
      return file.arrays.length === 1
        ? { ...file, arrays: file.arrays.map((array) => ({ ...array, name: input })) }
        : file;
    }),
  );
  return fitSamples(inputs, [files], { report });
}

/** For a model without inputs, which runs once. */
const NO_SAMPLES: SampleSource = {
  count: 1,
  description: 'nothing',
  fixedBatch: undefined,
  batches: async function* () {
    yield await Promise.resolve(new Map());
  },
};
