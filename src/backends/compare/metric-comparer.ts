import { UserError } from '../../ir/diagnostics.js';
import type { SampleBatch } from '../../passes/calibration/samples.js';
import { numbersIn } from '../verify/elements.js';
import { chooseMetric, type MetricName } from './choose-metric.js';
import type { MetricComparison } from './comparison.js';
import type { Labels } from './labels.js';
import { metricMeter, type MetricMeter } from './metrics.js';

/** Results of one batch at one output, as real numbers. */
export interface BatchResults {
  readonly name: string;
  readonly float: ArrayLike<number>;
  readonly quantised: ArrayLike<number>;
}

/** Measures both models by the labels, at the first output that the labels go with. */
export class MetricComparer {
  readonly #labels: Labels;
  readonly #wanted: MetricName | undefined;
  #chosen: Chosen | undefined;

  constructor(labels: Labels, wanted: MetricName | undefined) {
    this.#labels = labels;
    this.#wanted = wanted;
  }

  /** @throws UserError at the first batch when the labels go with no output */
  add(results: readonly BatchResults[], batch: SampleBatch, rows: number): void {
    const [single, ...others] = batch.values();
    const inputs = single === undefined || others.length > 0 ? undefined : numbersIn(single);
    this.#chosen ??= this.#choose(results, inputs && inputs.length / rows, rows);
    const { at, float, quantised } = this.#chosen;
    float.add(results[at]?.float ?? [], inputs, rows);
    quantised.add(results[at]?.quantised ?? [], inputs, rows);
  }

  comparison(): MetricComparison | undefined {
    if (this.#chosen === undefined) return undefined;
    const { metric, output, float, quantised } = this.#chosen;
    return {
      name: metric,
      output,
      float: float.value(),
      quantised: quantised.value(),
      floatTop5: float.top5(),
      quantisedTop5: quantised.top5(),
    };
  }

  #choose(results: readonly BatchResults[], input: number | undefined, rows: number): Chosen {
    let refusal: UserError | undefined;
    for (const [at, { name, float }] of results.entries()) {
      try {
        const metric = chooseMetric(this.#labels, { output: float.length / rows, input }, this.#wanted);
        const meter = (): MetricMeter => metricMeter(metric, this.#labels);
        return { at, metric, output: name, float: meter(), quantised: meter() };
      } catch (error) {
        if (!(error instanceof UserError)) throw error;
        refusal ??= error;
      }
    }
    throw refusal ?? new RangeError('a model has an output');
  }
}

interface Chosen {
  readonly at: number;
  readonly metric: MetricName;
  readonly output: string;
  readonly float: MetricMeter;
  readonly quantised: MetricMeter;
}
