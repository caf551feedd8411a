import { inflateSync, strFromU8 } from 'fflate';
import { crc32 } from './crc32.js';
import {
  CENTRAL,
  CENTRAL_BYTES,
  DEFLATED,
  ENCRYPTED,
  END,
  END_BYTES,
  IN_ZIP64,
  LOCAL,
  LOCAL_BYTES,
  STORED,
  UTF8_NAME,
  viewOf,
} from './zip-fields.js';

/** What keeps an archive from being read: one sentence. */
export class ZipFault extends Error {
  override readonly name = 'ZipFault';
}

/** A file of an archive, as its central directory declares it. */
export interface ZipEntry {
  readonly name: string;
  /** Bytes once unpacked. */
  readonly size: number;
  /** Unpacks and checks length and CRC. @throws ZipFault when the contents are not what is declared. */
  readonly read: () => Uint8Array;
}

/** No deflated byte stands for more bytes than this. */
const LARGEST_RATIO = 1032;

/** Position of the end record, which a comment of up to 65535 bytes may follow. */
function findEnd(view: DataView): number {
  const last = view.byteLength - END_BYTES;
  for (let at = last; at >= Math.max(0, last - 0xffff); at--) {
    if (view.getUint32(at, true) === END && at + END_BYTES + view.getUint16(at + 20, true) === view.byteLength)
      return at;
  }
  throw new ZipFault('it has no end record, so that it is no ZIP archive or is cut off');
}

/**
 * The files of a ZIP archive by its central directory, unpacked one by one on request. ZIP64 extras beside the plain
 * fields are skipped, archives that need them are refused.
 * @throws ZipFault when the archive is broken, spans disks, is encrypted or needs ZIP64.
 */
export function readZip(bytes: Uint8Array): ZipEntry[] {
  const view = viewOf(bytes);
  const end = findEnd(view);
  const count = view.getUint16(end + 10, true);
  const directoryBytes = view.getUint32(end + 12, true);
  const directory = view.getUint32(end + 16, true);
  if (count === 0xffff || directory === IN_ZIP64) throw new ZipFault('it needs ZIP64');
  if (view.getUint16(end + 4, true) !== 0 || view.getUint16(end + 8, true) !== count) {
    throw new ZipFault('it spans several disks');
  }
  if (directory + directoryBytes > end) throw new ZipFault('its directory lies outside the file');
  const entries: ZipEntry[] = [];
  let at = directory;
  for (let i = 0; i < count; i++) {
    if (at + CENTRAL_BYTES > directory + directoryBytes || view.getUint32(at, true) !== CENTRAL) {
      throw new ZipFault(`its directory breaks off after ${i} of ${count} entries`);
    }
    const nameBytes = view.getUint16(at + 28, true);
    const length = CENTRAL_BYTES + nameBytes + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
    if (at + length > directory + directoryBytes) {
      throw new ZipFault(`its directory breaks off after ${i} of ${count} entries`);
    }
    entries.push(entryAt(bytes, view, at, nameBytes, directory));
    at += length;
  }
  return entries;
}

function entryAt(bytes: Uint8Array, view: DataView, at: number, nameBytes: number, directory: number): ZipEntry {
  const flags = view.getUint16(at + 8, true);
  const label = bytes.subarray(at + CENTRAL_BYTES, at + CENTRAL_BYTES + nameBytes);
  const name = strFromU8(label, (flags & UTF8_NAME) === 0);
  const method = view.getUint16(at + 10, true);
  const crc = view.getUint32(at + 16, true);
  const packed = view.getUint32(at + 20, true);
  const size = view.getUint32(at + 24, true);
  const local = view.getUint32(at + 42, true);
  if ((flags & ENCRYPTED) !== 0) throw new ZipFault(`'${name}' is encrypted`);
  if (method !== STORED && method !== DEFLATED) {
    throw new ZipFault(`'${name}' is packed by method ${method}, stored (0) and deflated (8) are accepted`);
  }
  if ([packed, size, local].includes(IN_ZIP64)) throw new ZipFault(`'${name}' needs ZIP64`);
  if (local + LOCAL_BYTES > directory || view.getUint32(local, true) !== LOCAL) {
    throw new ZipFault(`'${name}' is not where the directory says`);
  }
  const start = local + LOCAL_BYTES + view.getUint16(local + 26, true) + view.getUint16(local + 28, true);
  if (start + packed > directory) throw new ZipFault(`'${name}' is cut off`);
  if (method === STORED ? size !== packed : size > packed * LARGEST_RATIO) {
    throw new ZipFault(`'${name}' is declared to unpack from ${packed} to ${size} bytes, which is not possible`);
  }
  const data = bytes.subarray(start, start + packed);
  return { name, size, read: () => unpacked(name, data, method, size, crc) };
}

function unpacked(name: string, data: Uint8Array, method: number, size: number, crc: number): Uint8Array {
  const plain = method === STORED ? data : inflated(name, data, size);
  if (plain.length !== size) throw new ZipFault(`'${name}' holds ${plain.length} bytes where ${size} are declared`);
  if (crc32(plain) !== crc) throw new ZipFault(`'${name}' is damaged: its CRC-32 is not the declared one`);
  return plain;
}

/** Inflates into a buffer of the declared size, so that a file that unpacks to more takes no more memory. */
function inflated(name: string, data: Uint8Array, size: number): Uint8Array {
  try {
    return inflateSync(data, { out: new Uint8Array(size) });
  } catch (error) {
    throw new ZipFault(`'${name}' cannot be unpacked: ${error instanceof Error ? error.message : String(error)}`);
  }
}
