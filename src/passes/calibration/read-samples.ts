import { InternalError, UserError } from '../../ir/diagnostics.js';
import { sizeOf } from '../../ir/shape.js';
import type { Tensor } from '../../ir/tensor.js';
import type { ArraySource } from './assign-arrays.js';
import { convertElements, ElementFault } from './convert.js';
import type { FittedArray } from './fit-array.js';
import type { SampleBatch } from './samples.js';
import type { BlockReader, StoredFile } from './stored.js';

/** A fitted array and how many of its rows are one sample. */
export interface SampleArray extends FittedArray {
  readonly rowsPerSample: number;
}

/**
 * The samples that arrays for all inputs hold together, in batches of `size`, of which the last may be shorter. Nothing is
 * opened or read before it is asked for.
 * @throws UserError naming the sample and the element that the input does not take.
 */
export async function* readSamples(arrays: readonly SampleArray[], size: number): AsyncGenerator<SampleBatch> {
  const opened = new Map<StoredFile, readonly BlockReader[]>();
  for (const { source } of arrays) {
    if (!opened.has(source.file)) opened.set(source.file, await source.file.open());
  }
  const constants: [string, Tensor][] = [];
  const streams: { readonly name: string; readonly tensors: AsyncGenerator<Tensor> }[] = [];
  for (const array of arrays) {
    const tensors = rowsOfArray(array, readerOf(array, opened), size);
    if (array.fit !== undefined) streams.push({ name: array.input.name, tensors });
    else for await (const tensor of tensors) constants.push([array.input.name, tensor]);
  }
  if (streams.length === 0) yield new Map(constants);
  else yield* zip(streams, constants);
}

function readerOf({ source }: SampleArray, opened: ReadonlyMap<StoredFile, readonly BlockReader[]>): BlockReader {
  const reader = opened.get(source.file)?.[source.index];
  if (reader === undefined) throw changed(source);
  return reader;
}

async function* zip(
  streams: readonly { readonly name: string; readonly tensors: AsyncGenerator<Tensor> }[],
  constants: readonly (readonly [string, Tensor])[],
): AsyncGenerator<SampleBatch> {
  try {
    for (;;) {
      const batch = new Map(constants);
      let ended = 0;
      for (const { name, tensors } of streams) {
        const next = await tensors.next();
        if (next.done === true) ended++;
        else batch.set(name, next.value);
      }
      if (ended === streams.length) return;
      if (ended > 0) throw new InternalError('arrays of as many samples came to an end at different ones');
      yield batch;
    }
  } finally {
    for (const { tensors } of streams) await tensors.return(undefined);
  }
}

/** The rows of an array under the dims and the element type of its input. */
async function* rowsOfArray(array: SampleArray, read: BlockReader, size: number): AsyncGenerator<Tensor> {
  const { fit, source } = array;
  const { rows, row, rowsPerArrayRow } = fit ?? { rows: 1, row: [], rowsPerArrayRow: undefined };
  let seen = 0;
  for await (const block of read(arrayRows(array, size))) {
    const count = rowsPerArrayRow === undefined ? 1 : (block.dims[0] ?? 0) * rowsPerArrayRow;
    if (seen + count > rows || block.size !== count * sizeOf(row)) throw changed(source);
    yield convert(block, array, seen).reshape(fit === undefined ? [] : [count, ...row]);
    seen += count;
  }
  if (seen !== rows) throw changed(source);
}

const changed = ({ file }: ArraySource): UserError =>
  new UserError({
    code: 'samples-changed',
    severity: 'error',
    message: 'the file has other dims than before: it was changed while it was in use',
    at: { file: file.origin },
  });

/** How many rows of the array itself make up `size` samples. */
function arrayRows({ fit, rowsPerSample, source }: SampleArray, size: number): number {
  if (fit?.rowsPerArrayRow === undefined) return source.array.dims[0] ?? 1;
  return Math.max(1, (size * rowsPerSample) / fit.rowsPerArrayRow);
}

function convert(block: Tensor, array: SampleArray, rowsBefore: number): Tensor {
  try {
    return convertElements(block, array.input.type.dtype);
  } catch (error) {
    if (!(error instanceof ElementFault)) throw error;
    const { fit, rowsPerSample, source, input } = array;
    const dims = rowsPerSample === 1 ? (fit?.row ?? []) : [rowsPerSample, ...(fit?.row ?? [])];
    const size = sizeOf(dims);
    const sample = rowsBefore / rowsPerSample + Math.floor(error.index / size);
    const within = source.array.name === undefined ? '' : ` of array '${source.array.name}'`;
    throw new UserError({
      code: 'sample-value',
      severity: 'error',
      message: `element [${coordinates(error.index % size, dims).join(',')}] of sample ${sample}${within} ${error.message}`,
      at: { file: source.file.origin, value: input.name },
      hint: 'repair or remove the sample; samples and elements are counted from 0',
    });
  }
}

function coordinates(index: number, dims: readonly number[]): number[] {
  const result: number[] = [];
  let rest = index;
  for (const dim of dims.toReversed()) {
    result.unshift(rest % dim);
    rest = Math.floor(rest / dim);
  }
  return result;
}
