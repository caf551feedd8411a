import type { Tensor } from '../../ir/tensor.js';
import { formatFault, type SourceName } from './format-fault.js';
import { decodeNpy, encodeNpy } from './npy.js';
import { writeZip, type ZipWriteOptions } from './zip-writer.js';
import { readZip, ZipFault, type ZipEntry } from './zip.js';

/** Where an archive is from, and how large it may be. */
export interface NpzOptions extends SourceName {
  /** Most bytes that the arrays together may unpack to; 2^30 by default. */
  readonly maxBytes?: number;
}

const SUFFIX = '.npy';

/**
 * Reads a .npz archive: its arrays by name, without the suffix .npy. The declared sizes are summed up before anything is
 * unpacked.
 * @throws UserError `invalid-npz` when the archive or one of its members cannot be read, or as `decodeNpy`.
 */
export function decodeNpz(bytes: Uint8Array, options: NpzOptions = {}): Map<string, Tensor> {
  const { maxBytes = 2 ** 30 } = options;
  const entries = refusing(options, () => readZip(bytes)).filter(
    ({ name, size }) => !(name.endsWith('/') && size === 0),
  );
  const total = entries.reduce((sum, { size }) => sum + size, 0);
  if (total > maxBytes) throw invalid(`it unpacks to ${total} bytes, at most ${maxBytes} are accepted`, options);
  const tensors = new Map<string, Tensor>();
  for (const entry of entries) {
    if (!entry.name.endsWith(SUFFIX)) throw invalid(`it contains '${entry.name}', which is no .npy file`, options);
    const name = entry.name.slice(0, -SUFFIX.length);
    if (tensors.has(name)) throw invalid(`it contains '${entry.name}' twice`, options);
    tensors.set(name, decodeMember(entry, options));
  }
  return tensors;
}

function decodeMember(entry: ZipEntry, options: NpzOptions): Tensor {
  const content = refusing(options, entry.read);
  return decodeNpy(content, { file: options.file === undefined ? entry.name : `${options.file}/${entry.name}` });
}

function invalid(what: string, source: SourceName): Error {
  return formatFault('invalid-npz', `the .npz file cannot be read: ${what}`, source);
}

function refusing<T>(source: SourceName, action: () => T): T {
  try {
    return action();
  } catch (error) {
    if (error instanceof ZipFault) throw invalid(error.message, source);
    throw error;
  }
}

/** Writes a .npz archive as numpy.savez does: the tensors in their order, the same bytes for the same tensors. */
export function encodeNpz(
  tensors: Iterable<readonly [name: string, tensor: Tensor]>,
  options: ZipWriteOptions = {},
): Uint8Array {
  return writeZip(members(tensors), options);
}

function* members(tensors: Iterable<readonly [string, Tensor]>): Generator<[string, Uint8Array]> {
  for (const [name, tensor] of tensors) yield [`${name}${SUFFIX}`, encodeNpy(tensor)];
}
