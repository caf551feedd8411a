import { deflateSync, inflateSync } from 'fflate';
import { crc32 } from './crc32.js';

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

const LOCAL = 0x04034b50;
const CENTRAL = 0x02014b50;
const END = 0x06054b50;
const LOCAL_BYTES = 30;
const CENTRAL_BYTES = 46;
const END_BYTES = 22;
const STORED = 0;
const DEFLATED = 8;
const UTF8_NAME = 0x0800;
const ENCRYPTED = 0x0001;
/** In a size or offset field: the true one is in a ZIP64 record. */
const IN_ZIP64 = 0xffffffff;

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

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
  const name = new TextDecoder().decode(bytes.subarray(at + CENTRAL_BYTES, at + CENTRAL_BYTES + nameBytes));
  const flags = view.getUint16(at + 8, true);
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

/** 1 January 1980, the earliest date that ZIP can write. */
const EPOCH = 0x00210000;

export interface ZipWriteOptions {
  /** Deflates the files; they are stored as they are by default. */
  readonly compress?: boolean;
}

/** A ZIP archive of the files in their order; the same bytes for the same files. @throws RangeError beyond 4 GiB. */
export function writeZip(
  files: Iterable<readonly [name: string, bytes: Uint8Array]>,
  { compress = false }: ZipWriteOptions = {},
): Uint8Array {
  const parts: Uint8Array[] = [];
  const directory: Uint8Array[] = [];
  let offset = 0;
  for (const [name, bytes] of files) {
    const label = new TextEncoder().encode(name);
    const data = compress ? deflateSync(bytes, { level: 9 }) : bytes;
    // The fields that a local and a central header share.
    const shared = new DataView(new ArrayBuffer(26));
    shared.setUint16(0, 20, true);
    shared.setUint16(2, UTF8_NAME, true);
    shared.setUint16(4, compress ? DEFLATED : STORED, true);
    shared.setUint32(6, EPOCH, true);
    shared.setUint32(10, crc32(bytes), true);
    shared.setUint32(14, data.length, true);
    shared.setUint32(18, bytes.length, true);
    shared.setUint16(22, label.length, true);
    const local = header(LOCAL, LOCAL_BYTES, 4, shared);
    const central = header(CENTRAL, CENTRAL_BYTES, 6, shared);
    central.setUint16(4, 20, true);
    central.setUint32(42, offset, true);
    parts.push(new Uint8Array(local.buffer), label, data);
    directory.push(new Uint8Array(central.buffer), label);
    offset += LOCAL_BYTES + label.length + data.length;
  }
  const directoryBytes = directory.reduce((sum, part) => sum + part.length, 0);
  const end = new DataView(new ArrayBuffer(END_BYTES));
  end.setUint32(0, END, true);
  end.setUint16(8, directory.length / 2, true);
  end.setUint16(10, directory.length / 2, true);
  end.setUint32(12, directoryBytes, true);
  end.setUint32(16, offset, true);
  if (offset + directoryBytes >= IN_ZIP64 || directory.length / 2 >= 0xffff) {
    throw new RangeError('a ZIP archive without ZIP64 holds less than 4 GiB and 65535 files');
  }
  return joined([...parts, ...directory, new Uint8Array(end.buffer)]);
}

function header(signature: number, length: number, sharedAt: number, shared: DataView): DataView {
  const bytes = new Uint8Array(length);
  bytes.set(new Uint8Array(shared.buffer, 0, shared.byteLength), sharedAt);
  const view = viewOf(bytes);
  view.setUint32(0, signature, true);
  return view;
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const result = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    result.set(part, at);
    at += part.length;
  }
  return result;
}
