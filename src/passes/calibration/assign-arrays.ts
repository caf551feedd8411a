import type { Diagnostic } from '../../ir/diagnostics.js';
import { fitShape } from './fit-shape.js';
import type { SampleInput } from './samples.js';
import type { StoredArray, StoredFile } from './stored.js';

/** An array and where it is. */
export interface ArraySource {
  readonly file: StoredFile;
  /** Position among the arrays of the file. */
  readonly index: number;
  readonly array: StoredArray;
}

/** What messages about the file call the array. */
export const nameOf = ({ array }: ArraySource): string =>
  array.name === undefined ? 'the array' : `array '${array.name}'`;

/**
 * The array of each input, in the order of the inputs: by name when every input finds its own, by order when there are
 * as many arrays as inputs and no name says otherwise, and for a single input the only array of a fitting shape.
 * @returns a diagnostic when that leaves a choice.
 */
export function assignArrays(
  inputs: readonly SampleInput[],
  files: readonly StoredFile[],
): readonly ArraySource[] | Diagnostic {
  const sources = files.flatMap((file) => file.arrays.map((array, index) => ({ file, index, array })));
  const named = inputs.map((input) => sources.filter(({ array }) => array.name === input.name));
  if (named.every((found) => found.length === 1)) return named.flat();
  const noneNamed = named.every((found) => found.length === 0);
  if (noneNamed && sources.length === inputs.length) return sources;
  const [input, ...others] = inputs;
  if (noneNamed && input !== undefined && others.length === 0) {
    const fitting = sources.filter(({ array }) => fitShape(array.dims, input.type.shape) !== undefined);
    if (fitting.length === 1) return fitting;
  }
  const only = files.length === 1 ? files[0] : undefined;
  return {
    code: 'sample-names',
    severity: 'error',
    message: `${only === undefined ? `${files.length} files hold` : 'the file holds'} ${listed(sources)}, but the model takes ${inputs.map(({ name }) => `'${name}'`).join(', ')}`,
    ...(only !== undefined && { at: { file: only.origin } }),
    hint: 'name the arrays of an .npz file as the inputs of the model, or give one array for each input in their order',
  };
}

function listed(sources: readonly ArraySource[]): string {
  if (sources.length === 0) return 'no array';
  const shown = sources
    .slice(0, 8)
    .map(({ file, array }) => (array.name === undefined ? file.origin : `'${array.name}'`));
  const more = sources.length - shown.length;
  return shown.join(', ') + (more > 0 ? ` and ${more} more` : '');
}
