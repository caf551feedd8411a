import { GraphEditor } from '../../../ir/editor.js';
import type { Graph } from '../../../ir/graph.js';
import type { SampleSource } from '../../../passes/calibration/samples.js';
import { FLOAT_KERNELS } from '../../../runtime/float/index.js';
import { gatherMoments } from '../../weights/layer-moments.js';
import { SideBySide, type SideBySideOptions } from '../../weights/side-by-side.js';
import { setLayerConstants, type QuantisedLayer } from '../quantise-graph.js';
import { quantiseLayer } from './quantise-layer.js';

/**
 * Quantises the layers of a graph once more, in place and one after the other, each on what the quantised layers before it
 * give on calibration samples, beside what the float model has there: rounding may then make up for the errors in front.
 */
export async function refineLayers(
  float: Graph,
  quantised: Graph,
  layers: readonly QuantisedLayer[],
  samples: SampleSource,
  options: Omit<SideBySideOptions, 'kernels'>,
): Promise<void> {
  const refined = layers.flatMap((layer) => {
    const [real, weight] = layer.source.inputs;
    return real === undefined || weight?.constant === undefined
      ? []
      : { layer, x: layer.x, real, dims: weight.constant.dims };
  });
  if (refined.length === 0) return;
  const editor = new GraphEditor(quantised);
  const run = await SideBySide.on(float, quantised, samples, refined, { ...options, kernels: FLOAT_KERNELS });
  for (const read of refined) {
    const { source, bits, inputScale } = read.layer;
    const moments = gatherMoments(
      source,
      read.dims,
      run.take(read, (tensor) => tensor),
      run.samples,
    );
    setLayerConstants(editor, read.layer, quantiseLayer({ layer: source, bits, inputScale, ...moments }));
  }
}
