import type { Graph, Value } from '../../../ir/graph.js';
import { GraphEditor } from '../../../ir/editor.js';
import { firstBatches, rowsOf } from '../../../passes/calibration/rebatch.js';
import type { SampleBatch, SampleSource } from '../../../passes/calibration/samples.js';
import type { Tensor } from '../../../ir/tensor.js';
import { FLOAT_KERNELS } from '../../../runtime/float/index.js';
import { StagedRun } from '../../../runtime/staged-run.js';
import { gatherMoments } from '../../weights/layer-moments.js';
import { setLayerConstants, type QuantisedLayer } from '../quantise-graph.js';
import { quantiseLayer } from './quantise-layer.js';

export interface RefineOptions {
  /** Samples that run at once. */
  readonly batchSize: number;
  /** Samples after which to stop. */
  readonly limit: number;
}

/**
 * Quantises the layers of a graph once more, in place and one after the other, each on what the quantised layers before it
 * give on calibration samples, beside what the float model has there: rounding may then make up for the errors in front.
 */
export async function refineLayers(
  float: Graph,
  quantised: Graph,
  layers: readonly QuantisedLayer[],
  samples: SampleSource,
  { batchSize, limit }: RefineOptions,
): Promise<void> {
  if (layers.length === 0) return;
  const batches = await firstBatches(samples, batchSize, limit);
  const count = batches.reduce((sum, batch) => sum + rowsOf(batch), 0);
  const editor = new GraphEditor(quantised);
  const reals = layers.flatMap(({ source: { inputs } }) => (inputs[0]?.producer === undefined ? [] : inputs[0]));
  const reference = new StagedRun(float, FLOAT_KERNELS, batches, reals);
  const approximation = new StagedRun(
    quantised,
    FLOAT_KERNELS,
    batches,
    layers.map(({ x }) => x),
  );
  for (const layer of layers) {
    const { source, bits, inputScale, x } = layer;
    const [real, weight] = source.inputs;
    if (real === undefined || weight?.constant === undefined) continue;
    const pairs = pairsOf(approximation.take(x), takeReal(real, reference, batches));
    const moments = gatherMoments(source, weight.constant.dims, pairs, count);
    setLayerConstants(editor, layer, quantiseLayer({ layer: source, bits, inputScale, ...moments }));
  }
}

/** The float tensors of a stage; those of a graph input come with the batches. */
const takeReal = (real: Value, run: StagedRun, batches: readonly SampleBatch[]): (Tensor | undefined)[] =>
  real.producer === undefined ? batches.map((batch) => batch.get(real.name)) : run.take(real);

function* pairsOf(
  tensors: readonly Tensor[],
  reals: readonly (Tensor | undefined)[],
): Generator<readonly [Tensor<'float32'>, Tensor<'float32'>]> {
  for (const [i, tensor] of tensors.entries()) {
    const real = reals[i];
    if (tensor.is('float32') && real?.is('float32') === true) yield [tensor, real];
  }
}
