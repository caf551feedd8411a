import { open, readFile } from 'node:fs/promises';
import { extname } from 'node:path';
import { UserError } from '../ir/diagnostics.js';
import type { Tensor } from '../ir/tensor.js';
import { storedTensors, type StoredFile } from '../passes/calibration/stored.js';
import { storedNpy, type OpenBytes } from '../passes/calibration/stored-npy.js';
import { decodeCsv } from '../runtime/formats/csv.js';
import { decodeNpy } from '../runtime/formats/npy.js';
import { decodeNpz } from '../runtime/formats/npz.js';
import { decodePb } from '../runtime/formats/pb.js';
import { withFile } from './faults.js';

/** A .npy file of at most this many bytes is read at once; a larger one block by block. */
const SMALL = 65_536;

/** Most bytes that one call of the operating system reads. */
const MOST_AT_ONCE = 2 ** 30;

/** Reads all arrays of a file, with their names or ''. */
type Decode = (bytes: Uint8Array, file: string) => Iterable<readonly [name: string, tensor: Tensor]>;

const DECODERS: ReadonlyMap<string, Decode> = new Map<string, Decode>([
  ['.npy', (bytes, file) => [['', decodeNpy(bytes, { file })]]],
  ['.npz', (bytes, file) => decodeNpz(bytes, { file })],
  ['.csv', (bytes, file) => [['', decodeCsv(new TextDecoder().decode(bytes), { file })]]],
  [
    '.pb',
    (bytes, file) => {
      const { name, tensor } = decodePb(bytes, { file });
      return [[name, tensor]];
    },
  ],
]);

/** The extensions of files that hold arrays. */
export const ARRAY_EXTENSIONS: readonly string[] = [...DECODERS.keys()];

/** Whether a file is named as one that holds arrays; upper and lower case are the same. */
export const isArrayFile = (path: string): boolean => DECODERS.has(extname(path).toLowerCase());

export interface StoredFileOptions {
  /** What messages call the file. */
  readonly origin: string;
  readonly bytes: number;
  /** Hold on to the arrays once they are read, instead of reading the file again for every pass. */
  readonly keep: boolean;
}

/**
 * Opens a file of arrays for as many passes as one likes, which read a large .npy file block by block and others at once.
 * @throws UserError naming the file, when it cannot be read or is not what its name says.
 */
export async function storedFile(path: string, { origin, bytes, keep }: StoredFileOptions): Promise<StoredFile> {
  const extension = extname(path).toLowerCase();
  if (extension === '.npy' && bytes > SMALL) return storedNpy(() => openBytes(path, origin), origin);
  const decode = DECODERS.get(extension);
  if (decode === undefined) {
    throw new UserError({
      code: 'file-type',
      severity: 'error',
      message: `'${origin}' has a name that does not tell how it holds numbers`,
      hint: `${ARRAY_EXTENSIONS.join(', ')} are accepted`,
    });
  }
  const load = async (): Promise<StoredFile> => storedTensors(decode(await contents(path, origin), origin), origin);
  const loaded = await load();
  return keep ? loaded : { origin, arrays: loaded.arrays, open: async () => (await load()).open() };
}

const contents = (path: string, origin: string): Promise<Uint8Array> =>
  withFile(`'${origin}' cannot be read`, () => readFile(path));

async function openBytes(path: string, origin: string): Promise<OpenBytes> {
  const failing = `'${origin}' cannot be read`;
  const file = await withFile(failing, () => open(path));
  const read = async (offset: number, length: number): Promise<Uint8Array> => {
    const buffer = new Uint8Array(length);
    let filled = 0;
    while (filled < length) {
      const { bytesRead } = await file.read(buffer, filled, Math.min(length - filled, MOST_AT_ONCE), offset + filled);
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    return buffer.subarray(0, filled);
  };
  try {
    const { size } = await withFile(failing, () => file.stat());
    return { size, read: (offset, length) => withFile(failing, () => read(offset, length)), close: () => file.close() };
  } catch (error) {
    await file.close();
    throw error;
  }
}
