import type { DType } from '../../ir/dtype.js';
import { formatFault } from '../formats/format-fault.js';
import { decodeNpy } from '../formats/npy.js';
import { decodeNpz } from '../formats/npz.js';
import type { Tensor } from '../../ir/tensor.js';
import { readCVectors } from './c-vectors.js';
import { decodeText } from './decode-text.js';
import { readJsonVectors } from './json-vectors.js';
import { readBin, readHex, type DumpForm } from './raw-dump.js';
import { VectorSets, type Vectors } from './vector-set.js';

/** A file by name and content. */
export interface VectorFile {
  /** What messages call it; its stem names what a file of one array holds, its extension says how. */
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** What raw dumps hold, which they do not tell themselves. */
export interface ReadVectorsOptions {
  /** Element type of a dump, by the stem of its file; '' for all others. */
  readonly dtypes?: ReadonlyMap<string, DType> | undefined;
  /** Shape of a dump, likewise. */
  readonly shapes?: ReadonlyMap<string, readonly number[]> | undefined;
}

const ARRAYS = ['.npy', '.npz', '.bin', '.raw', '.hex'];
const DOCUMENTS = ['.json', '.c', '.h', '.cpp', '.hpp', '.inc', '.txt'];

/** What the names of files of golden vectors end in. */
export const VECTOR_EXTENSIONS: readonly string[] = [...ARRAYS, ...DOCUMENTS];

export const extensionOf = (name: string): string => /\.[^./\\]*$/.exec(name)?.[0].toLowerCase() ?? '';
const stemOf = (name: string): string => (/[^/\\]*$/.exec(name)?.[0] ?? '').replace(/\.[^.]*$/, '');

/** Whether a file holds arrays that are one set together with those of other files. */
export const holdsArrays = (name: string): boolean => ARRAYS.includes(extensionOf(name));

/**
 * Reads golden vectors (spec 4.4): .npz, .npy and dumps (.bin, .raw, .hex), whose arrays together are one set until a name
 * comes again; test_vector.c and generated headers; JSON.
 * @throws UserError naming the file that is not what its name says
 */
export function readVectors(files: readonly VectorFile[], options: ReadVectorsOptions = {}): Vectors {
  const arrays = new VectorSets();
  const documents: Vectors[] = [];
  for (const file of files) {
    if (!holdsArrays(file.name)) documents.push(readDocument(file));
    else for (const [name, tensor] of arraysOf(file, options)) arrays.add({ name, role: undefined, tensor });
  }
  return {
    sets: [...arrays.sets, ...documents.flatMap(({ sets }) => sets)],
    sequences: documents.flatMap(({ sequences }) => sequences),
  };
}

function readDocument({ name, bytes }: VectorFile): Vectors {
  const source = { file: name };
  const extension = extensionOf(name);
  if (extension === '.json') return readJsonVectors(decodeText(bytes, source), source);
  if (DOCUMENTS.includes(extension)) return readCVectors(decodeText(bytes, source), source);
  const hint = `${VECTOR_EXTENSIONS.join(', ')} are accepted`;
  throw formatFault('file-type', 'the name does not tell how the file holds golden vectors', source, hint);
}

function arraysOf({ name, bytes }: VectorFile, options: ReadVectorsOptions): Iterable<readonly [string, Tensor]> {
  const source = { file: name };
  const stem = stemOf(name);
  switch (extensionOf(name)) {
    case '.npz':
      return decodeNpz(bytes, source);
    case '.npy':
      return [[stem, decodeNpy(bytes, source)]];
    case '.hex':
      return [[stem, readHex(bytes, formOf(stem, options, name), source)]];
    default:
      return [[stem, readBin(bytes, formOf(stem, options, name), source)]];
  }
}

function formOf(stem: string, { dtypes, shapes }: ReadVectorsOptions, file: string): DumpForm {
  const dtype = dtypes?.get(stem) ?? dtypes?.get('');
  if (dtype === undefined) {
    const hint = `say --dtype <type>, or --dtype ${stem}=<type> for this one`;
    throw formatFault('invalid-dump', 'a dump does not tell the type of its elements', { file }, hint);
  }
  return { dtype, shape: shapes?.get(stem) ?? shapes?.get('') };
}
