import { Tensor, numberData } from '../../ir/tensor.js';
import type { SampleInput, SampleSource } from '../../passes/calibration/samples.js';
import { syntheticSamples } from '../../passes/calibration/synthetic.js';
import type { Range } from '../../passes/calibration/observers/observer.js';

/** Standard deviations that a range holds on either side of its middle. */
const REACH = 3;

/**
 * Seeded random samples for a model without data: bell-shaped within the range that each input was trained on, and with
 * variance 1 where none is known.
 */
export function typicalSamples(
  inputs: readonly SampleInput[],
  rangeOf: (name: string) => Range | undefined,
  count: number,
): SampleSource {
  const samples = syntheticSamples(inputs, { count });
  return {
    ...samples,
    batches: async function* (size) {
      for await (const batch of samples.batches(size)) {
        yield new Map([...batch].map(([name, tensor]) => [name, within(tensor, rangeOf(name))]));
      }
    },
  };
}

function within(tensor: Tensor, range: Range | undefined): Tensor {
  const data = numberData(tensor);
  if (range === undefined || data === undefined || tensor.dtype !== 'float32') return tensor;
  const { min, max } = range;
  const [middle, deviation] = [(min + max) / 2, (max - min) / 2 / REACH];
  const placed = Float32Array.from(data, (x) => Math.max(min, Math.min(max, middle + deviation * x)));
  return Tensor.float32(tensor.dims, placed);
}
