import { Tensor } from '../ir/tensor.js';
import { streamSamples, tensorSamples, type SampleItem } from '../passes/calibration/fit-samples.js';
import type { SampleInput, SampleSource } from '../passes/calibration/samples.js';

/**
 * Calibration data: one tensor or one map of them, samples along axis 0; items of one or more samples, which are held until
 * the end; or a function that starts them afresh, so that nothing is held. An item is a tensor, or a map with a tensor for
 * every input.
 */
export type CalibrationData =
  | SampleItem
  | Iterable<SampleItem>
  | AsyncIterable<SampleItem>
  | (() => Iterable<SampleItem> | AsyncIterable<SampleItem>);

/** The samples that calibration data hold for a model's inputs. @throws UserError when a tensor does not fit */
export async function openSamples(inputs: readonly SampleInput[], data: CalibrationData): Promise<SampleSource> {
  if (data instanceof Tensor || data instanceof Map) return tensorSamples(inputs, data as SampleItem);
  if (typeof data === 'function') return streamSamples(inputs, data);
  const held: SampleItem[] = [];
  for await (const item of data as AsyncIterable<SampleItem>) held.push(item);
  return streamSamples(inputs, held);
}
