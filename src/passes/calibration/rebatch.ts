import { allocate, type DType, type TypedArray } from '../../ir/dtype.js';
import { Tensor, tensorsEqual } from '../../ir/tensor.js';
import type { SampleBatch, SampleSource } from './samples.js';
import { sliceRows } from './stored.js';

/**
 * The same rows in batches of `size`. A batch ends early where its rows change their size, at the end, and where the value
 * of an input without axes changes. A batch that has the size already is passed on as it is.
 */
export async function* rebatch(
  batches: AsyncIterable<SampleBatch> | Iterable<SampleBatch>,
  size: number,
): AsyncGenerator<SampleBatch> {
  let pending: SampleBatch[] = [];
  let filled = 0;
  for await (const batch of batches) {
    const rows = rowsOf(batch);
    for (let row = 0; row < rows;) {
      const [first] = pending;
      if (first !== undefined && !alike(first, batch)) {
        yield join(pending);
        pending = [];
        filled = 0;
      }
      const taken = Math.min(size - filled, rows - row);
      pending.push(taken === rows ? batch : slice(batch, row, row + taken));
      row += taken;
      filled += taken;
      if (filled < size) continue;
      yield join(pending);
      pending = [];
      filled = 0;
    }
  }
  if (filled > 0) yield join(pending);
}

/** The size of the batch; 1 when no input has axes. */
export function rowsOf(batch: SampleBatch): number {
  for (const { dims } of batch.values()) if (dims[0] !== undefined) return dims[0];
  return 1;
}

/** Whether the rows of both can stand in one batch. */
function alike(a: SampleBatch, b: SampleBatch): boolean {
  for (const [name, tensor] of a) {
    const other = b.get(name);
    if (other?.rank !== tensor.rank) return false;
    if (tensor.rank === 0 && !tensorsEqual(tensor, other)) return false;
    if (tensor.dims.some((dim, axis) => axis > 0 && dim !== other.dims[axis])) return false;
  }
  return true;
}

const slice = (batch: SampleBatch, start: number, end: number): SampleBatch =>
  new Map([...batch].map(([name, tensor]) => [name, tensor.rank === 0 ? tensor : sliceRows(tensor, start, end)]));

function join(batches: readonly SampleBatch[]): SampleBatch {
  const [first = new Map<string, Tensor>(), ...others] = batches;
  if (others.length === 0) return first;
  return new Map(
    [...first].map(([name, tensor]) => {
      const parts = [tensor, ...others.flatMap((batch) => batch.get(name) ?? [])];
      return [name, tensor.rank === 0 ? tensor : joinRows(tensor.dtype, parts)];
    }),
  );
}

/** Tensors of one element type and equal dims behind axis 0, one after the other along axis 0. */
export function joinRows(dtype: DType, parts: readonly Tensor[]): Tensor {
  const rows = parts.reduce((sum, part) => sum + (part.dims[0] ?? 0), 0);
  const data = allocate(
    dtype,
    parts.reduce((sum, part) => sum + part.size, 0),
  );
  const bytes = bytesOf(data);
  let offset = 0;
  for (const part of parts) {
    bytes.set(bytesOf(part.data), offset);
    offset += part.data.byteLength;
  }
  return new Tensor(dtype, [rows, ...(parts[0]?.dims.slice(1) ?? [])], data);
}

const bytesOf = (data: TypedArray): Uint8Array => new Uint8Array(data.buffer, data.byteOffset, data.byteLength);

/** The first samples, at least `limit` of them where there are as many, in batches of at most `batchSize`. */
export async function firstBatches(source: SampleSource, batchSize: number, limit: number): Promise<SampleBatch[]> {
  const batches: SampleBatch[] = [];
  let seen = 0;
  for await (const batch of source.batches(Math.min(batchSize, limit))) {
    batches.push(batch);
    seen += rowsOf(batch);
    if (seen >= limit) break;
  }
  return batches;
}
