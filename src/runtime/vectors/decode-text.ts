import { strFromU8 } from 'fflate';
import { formatFault, type SourceName } from '../formats/format-fault.js';

/** Most bytes of a text file of vectors. */
const MOST_BYTES = 2 ** 28;

/** The text of a file, UTF-8 with or without byte-order mark. @throws UserError `vector-size` beyond 256 MB */
export function decodeText(bytes: Uint8Array, source: SourceName): string {
  if (bytes.length > MOST_BYTES) {
    const message = `a file of ${bytes.length} bytes is no text of golden vectors, accepted: at most ${MOST_BYTES}`;
    throw formatFault('vector-size', message, source, 'save the vectors as .npz');
  }
  return strFromU8(bytes).replace(/^\ufeff/, '');
}
