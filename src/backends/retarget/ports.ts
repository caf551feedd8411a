import { isFloat, type DType } from '../../ir/dtype.js';
import type { Value } from '../../ir/graph.js';
import { numberData, Tensor } from '../../ir/tensor.js';
import type { SampleBatch, SampleInput, SampleSource } from '../../passes/calibration/samples.js';
import { roundHalfEven } from '../../runtime/float/floats.js';
import type { IntegerPort } from './stripped-model.js';
import type { TrainedGrid } from './trained-grid.js';

/** The inputs of the quantised model in the place of those of the graph without quantisation. */
export const quantisedInputs = (
  inputs: readonly Value[],
  ports: ReadonlyMap<string, IntegerPort>,
): readonly SampleInput[] =>
  inputs.map(({ name, type }) => {
    const port = ports.get(name);
    return { name, type: port === undefined ? type : { ...type, dtype: port.dtype } };
  });

/** Samples of integer inputs as the real numbers that they stand for. */
export function realSamples(samples: SampleSource, ports: ReadonlyMap<string, IntegerPort>): SampleSource {
  if (ports.size === 0) return samples;
  return {
    ...samples,
    batches: async function* (size) {
      for await (const batch of samples.batches(size)) yield realTensors(batch, ports);
    },
  };
}

/** Tensors by name, those of integer ports as real numbers. */
export const realTensors = (
  tensors: SampleBatch,
  ports: ReadonlyMap<string, Pick<IntegerPort, 'grid'>>,
): Map<string, Tensor> =>
  new Map(
    [...tensors].map(([name, tensor]) => {
      const port = ports.get(name);
      return [name, port === undefined || isFloat(tensor.dtype) ? tensor : toReal(tensor, port.grid)];
    }),
  );

function toReal(integers: Tensor, { scale, zeroPoint }: TrainedGrid): Tensor {
  const data = Float32Array.from(numberData(integers) ?? [], (q) => (q - zeroPoint) * scale);
  return new Tensor('float32', integers.dims, data);
}

/** The inverse, as QuantizeLinear rounds: nearest, ties to even, saturating. */
export const integerTensors = (tensors: SampleBatch, ports: ReadonlyMap<string, IntegerPort>): Map<string, Tensor> =>
  new Map(
    [...tensors].map(([name, tensor]) => {
      const port = ports.get(name);
      return [name, port === undefined ? tensor : toIntegers(tensor, port.grid, port.dtype)];
    }),
  );

function toIntegers(real: Tensor, { scale, zeroPoint, lo, hi }: TrainedGrid, dtype: DType): Tensor {
  const integers = Tensor.zeros(dtype, real.dims);
  const store = numberData(integers);
  for (const [i, x] of (numberData(real) ?? []).entries()) {
    if (store !== undefined) store[i] = Math.max(lo, Math.min(hi, roundHalfEven(Math.fround(x / scale)) + zeroPoint));
  }
  return integers;
}
