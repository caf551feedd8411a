import type { DType } from '../../src/ir/dtype.js';
import type { Dim } from '../../src/ir/shape.js';
import { sizeOf } from '../../src/ir/shape.js';
import { Tensor } from '../../src/ir/tensor.js';
import type { SampleBatch, SampleInput, SampleSource } from '../../src/passes/calibration/samples.js';

export const inputOf = (name: string, shape: readonly Dim[], dtype: DType = 'float32'): SampleInput => ({
  name,
  type: { dtype, shape },
});

/** A float32 tensor of `start`, `start + 1`, … */
export const counting = (dims: readonly number[], start = 0): Tensor<'float32'> =>
  Tensor.float32(
    dims,
    Float32Array.from({ length: sizeOf(dims) }, (_, i) => start + i),
  );

export async function collect(source: SampleSource | AsyncIterable<SampleBatch>, size = 16): Promise<SampleBatch[]> {
  const batches: SampleBatch[] = [];
  for await (const batch of 'batches' in source ? source.batches(size) : source) batches.push(batch);
  return batches;
}

/** Dims of an input in each batch. */
export const dimsOf = (batches: readonly SampleBatch[], name: string): (readonly number[] | undefined)[] =>
  batches.map((batch) => batch.get(name)?.dims);

/** All elements of an input, batch after batch. */
export const elementsOf = (batches: readonly SampleBatch[], name: string): number[] =>
  batches.flatMap((batch) => batch.get(name)?.toNumbers() ?? []);
