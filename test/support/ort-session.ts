import * as ort from 'onnxruntime-node';
import type { DType } from '../../src/ir/dtype.js';
import { Tensor } from '../../src/ir/tensor.js';

const TYPES: ReadonlySet<DType> = new Set<DType>([
  'float32',
  'float64',
  'int8',
  'int16',
  'int32',
  'int64',
  'uint8',
  'uint16',
  'uint32',
  'uint64',
  'bool',
]);

/** Whether ONNX Runtime hands tensors of the type to JavaScript and back as quantc stores them. */
export const ortKnows = (dtype: DType): boolean => TYPES.has(dtype);

/** Runs a model in ONNX Runtime, without graph optimisations unless told otherwise; results by output name. */
export async function runInOrt(
  model: Uint8Array,
  feeds: ReadonlyMap<string, Tensor>,
  graphOptimizationLevel: 'disabled' | 'all' = 'disabled',
): Promise<ReadonlyMap<string, Tensor>> {
  const session = await ort.InferenceSession.create(model, { graphOptimizationLevel, logSeverityLevel: 4 });
  try {
    const results = await session.run(
      Object.fromEntries(
        [...feeds].map(([name, { dtype, data, dims }]) => [
          name,
          new ort.Tensor(dtype as 'float32', data as Float32Array, dims),
        ]),
      ),
    );
    return new Map(
      Object.entries(results).map(([name, { type, data, dims }]) => [
        name,
        new Tensor(type as DType, dims, data as Float32Array),
      ]),
    );
  } finally {
    await session.release();
  }
}
