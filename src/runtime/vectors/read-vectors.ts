import type { DType } from '../../ir/dtype.js';
import { formatFault } from '../formats/format-fault.js';
import { decodeNpy } from '../formats/npy.js';
import { decodeNpz } from '../formats/npz.js';
import { decodePb } from '../formats/pb.js';
import { readCVectors } from './c-vectors.js';
import { decodeText } from './decode-text.js';
import { readJsonVectors } from './json-vectors.js';
import { readBin, readHex, type DumpForm } from './raw-dump.js';
import { VectorSets, type VectorArray, type Vectors } from './vector-set.js';

/** A file by name and content. */
export interface VectorFile {
  /** What messages call it; its stem names what a file of one array holds, its extension says how. */
  readonly name: string;
  readonly bytes: Uint8Array;
  /** The set that its arrays belong to with those of its neighbours of the same label; told by names when omitted. */
  readonly set?: string | undefined;
}

/** What raw dumps hold, which they do not tell themselves. */
export interface ReadVectorsOptions {
  /** Element type of a dump, by the stem of its file; '' for all others. */
  readonly dtypes?: ReadonlyMap<string, DType> | undefined;
  /** Keys of `dtypes` whose dumps have the high byte first. */
  readonly bigEndian?: ReadonlySet<string> | undefined;
  /** Shape of a dump, likewise. */
  readonly shapes?: ReadonlyMap<string, readonly number[]> | undefined;
}

const SELF_DESCRIBING = ['.npy', '.npz', '.pb'];
const ARRAYS = [...SELF_DESCRIBING, '.bin', '.raw', '.hex'];
const DOCUMENTS = ['.json', '.c', '.h', '.cpp', '.hpp', '.inc', '.txt'];

/** What the names of files of golden vectors end in. */
export const VECTOR_EXTENSIONS: readonly string[] = [...ARRAYS, ...DOCUMENTS];

export const extensionOf = (name: string): string => /\.[^./\\]*$/.exec(name)?.[0].toLowerCase() ?? '';
const stemOf = (name: string): string => (/[^/\\]*$/.exec(name)?.[0] ?? '').replace(/\.[^.]*$/, '');

/** Whether a file holds arrays that are one set together with those of other files; dumps do not tell their type. */
export const holdsArrays = (name: string, dumps = true): boolean =>
  (dumps ? ARRAYS : SELF_DESCRIBING).includes(extensionOf(name));

/**
 * Reads golden vectors (spec 4.4): .npz, .npy, .pb and dumps (.bin, .raw, .hex), whose arrays together are one set until a
 * name comes again or the next set is told; test_vector.c and generated headers; JSON.
 * @throws UserError naming the file that is not what its name says
 */
export function readVectors(files: readonly VectorFile[], options: ReadVectorsOptions = {}): Vectors {
  const arrays = new VectorSets();
  const documents: Vectors[] = [];
  let current: string | undefined;
  for (const file of files) {
    if (!holdsArrays(file.name)) {
      documents.push(readDocument(file));
      continue;
    }
    if (file.set !== current) arrays.begin(file.set);
    current = file.set;
    for (const array of arraysOf(file, options)) arrays.add(array);
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

/** `input_0` and `output_0` of ONNX test data are numbered in the order of the model's inputs and outputs. */
const NUMBERED = /^(input|output)_(\d{1,9})$/;

function arraysOf({ name: file, bytes }: VectorFile, options: ReadVectorsOptions): readonly VectorArray[] {
  const source = { file };
  const stem = stemOf(file);
  switch (extensionOf(file)) {
    case '.npz':
      return Array.from(decodeNpz(bytes, source), ([name, tensor]) => ({ name, role: undefined, tensor }));
    case '.npy':
      return [{ name: stem, role: undefined, tensor: decodeNpy(bytes, source) }];
    case '.pb':
      return [protoArray(bytes, stem, file)];
    case '.hex':
      return [{ name: stem, role: undefined, tensor: readHex(bytes, formOf(stem, options, file), source) }];
    default:
      return [{ name: stem, role: undefined, tensor: readBin(bytes, formOf(stem, options, file), source) }];
  }
}

function protoArray(bytes: Uint8Array, stem: string, file: string): VectorArray {
  const { name, tensor } = decodePb(bytes, { file });
  const [, role, index] = NUMBERED.exec(stem) ?? [];
  if (index === undefined) return { name: name === '' ? stem : name, role: undefined, tensor };
  return { name: stem, role: role === 'input' ? 'input' : 'output', index: Number(index), tensor };
}

function formOf(stem: string, { dtypes, bigEndian, shapes }: ReadVectorsOptions, file: string): DumpForm {
  const key = dtypes?.has(stem) === true ? stem : '';
  const dtype = dtypes?.get(key);
  if (dtype === undefined) {
    const hint = `say --dtype <type>, or --dtype ${stem}=<type> for this one`;
    throw formatFault('invalid-dump', 'a dump does not tell the type of its elements', { file }, hint);
  }
  return { dtype, bigEndian: bigEndian?.has(key), shape: shapes?.get(stem) ?? shapes?.get('') };
}
