import { deflateSync, strToU8 } from 'fflate';
import { crc32 } from './crc32.js';
import {
  CENTRAL,
  CENTRAL_BYTES,
  DEFLATED,
  END,
  END_BYTES,
  IN_ZIP64,
  LOCAL,
  LOCAL_BYTES,
  STORED,
  UTF8_NAME,
  viewOf,
} from './zip-fields.js';

/** 1 January 1980, the earliest date that ZIP can write. */
const EPOCH = 0x00210000;

/** How an archive is written. */
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
    const label = strToU8(name);
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
