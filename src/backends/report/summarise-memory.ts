import { isFloat } from '../../ir/dtype.js';
import { constantsOf, type Graph } from '../../ir/graph.js';
import type { LayerSummary, MemorySummary } from '../summary.js';
import { peakActivationBytes } from './memory.js';

/** Bytes of the layers' constants and of activations at their peak, beside those of the float model. */
export function summariseMemory(
  layers: readonly Pick<LayerSummary, 'bytes'>[],
  quantised: Graph,
  float: Graph,
): MemorySummary {
  const weightBytes = layers.reduce(
    (sum, { bytes }) => sum + bytes.weights + bytes.bias + bytes.scale + bytes.shift,
    0,
  );
  const floatWeightBytes = constantsOf(float)
    .filter(({ type }) => isFloat(type.dtype))
    .reduce((sum, { constant }) => sum + constant.size * 4, 0);
  return {
    weightBytes,
    floatWeightBytes,
    peakActivationBytes: peakActivationBytes(quantised),
    floatPeakActivationBytes: peakActivationBytes(float),
  };
}
