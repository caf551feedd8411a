import type { Tensor } from '../../ir/tensor.js';
import { openNpy, type ByteSource } from '../../runtime/formats/npy-stream.js';
import type { StoredFile } from './stored.js';

/** Bytes that must be let go of after use. */
export interface OpenBytes extends ByteSource {
  readonly close: () => Promise<void>;
}

/**
 * A .npy file that is read block by block; it is open while its header and while its blocks are read.
 * @throws UserError when it is no such file, or holds a scalar.
 */
export async function storedNpy(open: () => Promise<OpenBytes>, origin: string): Promise<StoredFile> {
  const bytes = await open();
  try {
    const { dtype, dims } = await openNpy(bytes, { file: origin });
    return {
      origin,
      arrays: [{ name: undefined, dtype, dims }],
      open: () => Promise.resolve([(rows: number) => blocksOf(open, origin, rows)]),
    };
  } finally {
    await bytes.close();
  }
}

async function* blocksOf(open: () => Promise<OpenBytes>, origin: string, rows: number): AsyncGenerator<Tensor> {
  const bytes = await open();
  try {
    const npy = await openNpy(bytes, { file: origin });
    const count = npy.dims[0] ?? 0;
    for (let row = 0; row < count; row += rows) yield await npy.rows(row, Math.min(rows, count - row));
  } finally {
    await bytes.close();
  }
}
