import { readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { isDType, type DType } from '../ir/dtype.js';
import { UserError, type Diagnostic } from '../ir/diagnostics.js';
import { didYouMean, nearest } from '../ir/nearest.js';
import { DTYPES } from '../ir/dtype.js';
import {
  extensionOf,
  holdsArrays,
  readVectors,
  VECTOR_EXTENSIONS,
  type ReadVectorsOptions,
  type VectorFile,
} from '../runtime/vectors/read-vectors.js';
import type { Vectors } from '../runtime/vectors/vector-set.js';
import { mistake, refuseAll, withFile } from './faults.js';
import type { CliIo } from './io.js';
import { compareNaturally } from './natural-order.js';
import type { Settings } from './settings.js';

/** Files end there. */
const MOST_BYTES = 2 ** 31 - 1;

/** A folder of ONNX test data. */
const TEST_SET = /^test_data_set_\d+$/;

/**
 * Golden vectors of files and folders (spec 4.4). Of a folder, its arrays (.npy, .npz, .pb, and dumps where their type is
 * told) are read, or else its documents (.json, .c), or else those of the folders in it, each of which is a set; in natural
 * order of their names. ONNX test data are the `test_data_set_<n>` in a folder. What lies beside and could hold vectors as well
 * is reported.
 * @throws UserError naming what cannot be read
 */
export async function openVectors(
  paths: readonly string[],
  header: string | undefined,
  options: ReadVectorsOptions,
  io: CliIo,
  report?: (diagnostic: Diagnostic) => void,
): Promise<Vectors> {
  const files: VectorFile[] = [];
  for (const name of paths) files.push(...(await filesOf(name, options, io, report)));
  if (header !== undefined) {
    const { sequences } = readVectors([{ ...(await load(header, header, io)), name: headerName(header) }]);
    if (sequences.length === 0) {
      const hint = 'arrays named …_bias_data, …_scale_data and …_shift_data are looked for';
      refuseAll([mistake('invalid-header', `'${header}' holds no input sequence`, hint)]);
    }
    const { sets } = readVectors(files, options);
    return { sets, sequences };
  }
  return readVectors(files, options);
}

/** A header is C whatever it is called. */
const headerName = (name: string): string => (['.h', '.c'].includes(extensionOf(name)) ? name : `${name}.h`);

async function filesOf(
  name: string,
  options: ReadVectorsOptions,
  io: CliIo,
  report: ((diagnostic: Diagnostic) => void) | undefined,
): Promise<VectorFile[]> {
  const path = resolve(io.cwd, name);
  const facts = await withFile(`'${name}' cannot be read`, () => io.files.stat(path));
  if (facts === undefined) throw new UserError(mistake('file', `there is no file or folder '${name}'`));
  if (facts.kind !== 'folder') return [await load(name, path, io)];
  const folder: Place = { name: name.replace(/(?<=.)[\\/]+$/, ''), path };
  const found = await lookInto(folder, options);
  const sets = found.folders.filter((entry) => TEST_SET.test(entry));
  if (sets.length === 0 && found.files.length > 0) {
    if (report !== undefined) reportLeftOut(folder, found, report);
    return loadAll(folder, found.files, undefined, io);
  }
  const files: VectorFile[] = [];
  for (const entry of sets.length > 0 ? sets : found.folders) {
    const inner = within(folder, entry);
    const own = await lookInto(inner, options);
    files.push(...(await loadAll(inner, own.files, entry, io)));
  }
  if (files.length > 0) return files;
  const hint = `${VECTOR_EXTENSIONS.join(', ')} files are looked for; dumps want --dtype`;
  throw new UserError(mistake('no-vectors', `the folder '${name}' holds no golden vectors`, hint));
}

/** How many names a message lists. */
const MOST_NAMES = 6;

/** What lies beside the files that are read and may hold golden vectors too. */
function reportLeftOut(
  { name }: Place,
  { others, folders }: FolderContents,
  report: (diagnostic: Diagnostic) => void,
): void {
  const left = [...others, ...folders.map((folder) => `${folder}/`)];
  if (left.length === 0) return;
  const listed = left.slice(0, MOST_NAMES).map((entry) => `'${entry}'`);
  const more = left.length > MOST_NAMES ? ` and ${left.length - MOST_NAMES} more` : '';
  const message = `of the folder '${name}' not read: ${listed.join(', ')}${more}`;
  const hint = 'name them with a --vectors of their own; dumps want --dtype';
  report({ ...mistake('files-left-out', message, hint), severity: 'warning' });
}

/** A folder as messages call it, and where it is. */
interface Place {
  readonly name: string;
  readonly path: string;
}

const within = ({ name, path }: Place, entry: string): Place => ({
  name: `${name}/${entry}`,
  path: join(path, entry),
});

/** By name. */
interface FolderContents {
  /** Those that are read. */
  readonly files: readonly string[];
  /** Those of formats that could be read as well. */
  readonly others: readonly string[];
  readonly folders: readonly string[];
}

async function lookInto({ name, path }: Place, { dtypes }: ReadVectorsOptions): Promise<FolderContents> {
  const entries = (await withFile(`'${name}' cannot be read`, () => readdir(path, { withFileTypes: true })))
    .filter((entry) => !entry.name.startsWith('.'))
    .sort((a, b) => compareNaturally(a.name, b.name));
  const names = entries.filter((entry) => !entry.isDirectory()).map((entry) => entry.name);
  const arrays = names.filter((entry) => holdsArrays(entry, (dtypes?.size ?? 0) > 0));
  const files =
    arrays.length > 0 ? arrays : names.filter((entry) => ['.json', '.c', '.h'].includes(extensionOf(entry)));
  return {
    files,
    others: names.filter(
      (entry) => !files.includes(entry) && (holdsArrays(entry) || ['.json', '.c'].includes(extensionOf(entry))),
    ),
    folders: entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name),
  };
}

const loadAll = (
  folder: Place,
  entries: readonly string[],
  set: string | undefined,
  io: CliIo,
): Promise<VectorFile[]> =>
  Promise.all(
    entries.map(async (entry) => {
      const { name, path } = within(folder, entry);
      return { ...(await load(name, path, io)), set };
    }),
  );

async function load(name: string, path: string, io: CliIo): Promise<VectorFile> {
  const absolute = resolve(io.cwd, path);
  const facts = await withFile(`'${name}' cannot be read`, () => io.files.stat(absolute));
  if (facts === undefined) throw new UserError(mistake('file', `there is no file or folder '${name}'`));
  if (facts.kind !== 'file') throw new UserError(mistake('file', `'${name}' is neither a file nor a folder of files`));
  if (facts.bytes > MOST_BYTES) throw new UserError(mistake('file', `'${name}' is larger than 2 GiB`));
  return { name, bytes: await withFile(`'${name}' cannot be read`, () => io.files.read(absolute)) };
}

/** `--shape` and `--dtype`, each for the dump of one name or for all; a type may end in le or be, the order of its bytes. */
export function dumpForms(
  shapes: readonly string[],
  dtypes: readonly string[],
  settings: Settings,
): ReadVectorsOptions {
  const shapeOf = new Map<string, readonly number[]>();
  for (const text of shapes) {
    const [name, value] = keyed(text);
    const sizes = /^\d{1,9}(?:[,x]\d{1,9})*$/.test(value) ? value.split(/[,x]/).map(Number) : undefined;
    if (sizes === undefined)
      settings.refuse(`--shape is '${text}', accepted: sizes with commas between, e.g. 1,3,64,1`);
    else shapeOf.set(name, sizes);
  }
  const typeOf = new Map<string, DType>();
  const bigEndian = new Set<string>();
  for (const text of dtypes) {
    const [name, value] = keyed(text);
    const [type, order] = isDType(value) ? [value] : value.split(/(?=[bl]e$)/);
    if (type !== undefined && isDType(type)) {
      typeOf.set(name, type);
      if (order === 'be') bigEndian.add(name);
      else bigEndian.delete(name);
    } else
      settings.refuse(`--dtype is '${text}', accepted: ${DTYPES.join(', ')}`, didYouMean(nearest(value, DTYPES, 1)));
  }
  return { shapes: shapeOf, dtypes: typeOf, bigEndian };
}

function keyed(text: string): readonly [name: string, value: string] {
  const at = text.lastIndexOf('=');
  return at < 0 ? ['', text] : [text.slice(0, at), text.slice(at + 1)];
}
