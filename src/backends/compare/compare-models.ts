import { numberData, type Tensor } from '../../ir/tensor.js';
import { rowsOf } from '../../passes/calibration/rebatch.js';
import type { SampleSource } from '../../passes/calibration/samples.js';
import type { InputSequence } from '../../runtime/vectors/input-sequence.js';
import { readQuantcMetadata } from '../quantc-metadata.js';
import { realSamples } from '../retarget/ports.js';
import type { OpenedModel } from '../run.js';
import { affordableSamples } from '../calibration/sample-budget.js';
import type { MetricName } from './choose-metric.js';
import { settleComparison } from './compare-setting.js';
import { ComparedOutput } from './compared-output.js';
import type { ModelComparison } from './comparison.js';
import { EngineTally } from './engine-agreement.js';
import { labelsOf } from './labels.js';
import { LayerComparer } from './layer-comparer.js';
import { MetricComparer } from './metric-comparer.js';
import type { ModelFacts } from './model-facts.js';
import { referenceOf } from './reference.js';
import { resolveGrids } from './resolve-scales.js';

export interface CompareOptions {
  /** What each sample is, along axis 0. */
  readonly labels?: Tensor | undefined;
  /** Chosen by labels and output when omitted. */
  readonly metric?: MetricName | undefined;
  /** What the quantised model says of its tensors, by label. */
  readonly facts?: ModelFacts | undefined;
  /** Input sequences for a quantised model that takes integers. */
  readonly sequences?: readonly InputSequence[] | undefined;
  /** Samples in a batch, 16. */
  readonly batchSize?: number | undefined;
  /** Samples that layers are compared on, at most. */
  readonly layerSamples?: number | undefined;
  /** Another engine for the quantised model: results by name of the output. */
  readonly runtime?: ((feeds: ReadonlyMap<string, Tensor>) => Promise<ReadonlyMap<string, Tensor>>) | undefined;
  /** Called with the number of samples done. */
  readonly progress?: ((samples: number) => void) | undefined;
}

const LAYER_SAMPLES = 256;

/**
 * Runs a model and a quantised form of it on the same samples and compares outputs, layers and engines. The first is a float
 * model, or a quantised one, which is executed as it is and whose outputs count as real numbers.
 * @throws UserError when the two models or the labels do not go together
 */
export async function compareModels(
  float: OpenedModel,
  quantised: OpenedModel,
  data: SampleSource,
  options: CompareOptions = {},
): Promise<ModelComparison> {
  const { facts, runtime, batchSize = 16 } = options;
  const reference = referenceOf(float, readQuantcMetadata(float.metadata?.metadataProps ?? new Map()));
  const setting = settleComparison(reference, quantised, options);
  const { tensors, forms, pairing, runFloat, feedsOf, runQuantised } = setting;
  const samples = realSamples(data, reference.inputs);
  const grids = await resolveGrids(tensors, samples, {
    batchSize,
    runFloat: (batch, see) => {
      const integers = new Map(pairing.pairs.map(({ real, value }) => [real, value]));
      const results = runFloat(batch, (value, tensor) => {
        const key = integers.get(value);
        const data = key && numberData(tensor);
        if (key !== undefined && data !== undefined) see(key, data.slice());
        return undefined;
      });
      const paired = new Set(integers.values());
      for (const { name, tensor } of forms) {
        const result = results.get(name);
        const data = result && numberData(result);
        if (tensor !== undefined && data !== undefined && !paired.has(tensor.value)) see(tensor.value, data);
      }
    },
    runQuantised: (batch, observe) => void runQuantised(feedsOf(batch), observe),
  });
  const layers = new LayerComparer(pairing, grids);
  const limit = affordableSamples(pairing.graph, options.layerSamples ?? LAYER_SAMPLES);
  const outputs = forms.map((form) => new ComparedOutput(form, form.tensor && grids.get(form.tensor.value)));
  const metric = metricOf(samples, options);
  const tally = new EngineTally();
  let seen = 0;
  let layerSamples = 0;
  for await (const batch of samples.batches(batchSize)) {
    const rows = rowsOf(batch);
    const watched = layerSamples < limit;
    const feeds = feedsOf(batch);
    const expected = runFloat(batch, watched ? layers.observeFloat : undefined);
    const actual = runQuantised(feeds, watched ? layers.observeQuantised : undefined);
    if (watched) {
      layers.finish(batch);
      layerSamples += rows;
    }
    const others = await runtime?.(feeds);
    for (const output of outputs) output.add(expected, actual, others, rows, tally);
    metric?.add(
      outputs.map(({ form, last }) => ({ name: form.name, ...last })),
      batch,
      rows,
    );
    seen += rows;
    options.progress?.(seen);
  }
  return {
    samples: seen,
    outputs: outputs.map((output) => output.comparison),
    metric: metric?.comparison(),
    layerSamples,
    layers: layers.results(facts?.recipe),
    engines: tally.agreements,
  };
}

function metricOf(samples: SampleSource, { labels, metric }: CompareOptions): MetricComparer | undefined {
  if (labels === undefined) return undefined;
  const count = samples.count ?? labels.dims[0] ?? 1;
  return new MetricComparer(labelsOf(labels, count, samples.fixedBatch), metric);
}
