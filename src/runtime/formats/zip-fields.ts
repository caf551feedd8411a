/** Signatures, record lengths and field values of the ZIP format (PKWARE APPNOTE 4.3 and 4.4). */

export const LOCAL = 0x04034b50;
export const CENTRAL = 0x02014b50;
export const END = 0x06054b50;
/** Lengths of the records without names, extras and comments. */
export const LOCAL_BYTES = 30;
export const CENTRAL_BYTES = 46;
export const END_BYTES = 22;
/** Methods. */
export const STORED = 0;
export const DEFLATED = 8;
/** Flags. */
export const UTF8_NAME = 0x0800;
export const ENCRYPTED = 0x0001;
/** In a size or offset field: the true one is in a ZIP64 record. */
export const IN_ZIP64 = 0xffffffff;

export const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
