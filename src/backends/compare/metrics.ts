import { argmax } from '../../runtime/agreement.js';
import type { MetricName } from './choose-metric.js';
import type { Labels } from './labels.js';

/** Classes that count as found for the top-5 figures. */
export const TOP = 5;

/** Gathers results sample by sample, in the order of the labels. */
export interface MetricMeter {
  /** @param inputs the model's inputs, for a metric that compares with them */
  readonly add: (results: ArrayLike<number>, inputs: ArrayLike<number> | undefined, samples: number) => void;
  readonly value: () => number | null;
  /** The share of samples whose class is among the five largest results; null where that says nothing. */
  readonly top5: () => number | null;
}

export function metricMeter(name: MetricName, labels: Labels): MetricMeter {
  switch (name) {
    case 'accuracy':
      return new AccuracyMeter(labels);
    case 'auc':
      return new AucMeter(labels);
    case 'r2':
      return new DeterminationMeter(labels);
  }
}

/** How many results come before that of a class: they are larger, or equal and of a lower class. */
export function rankOf(data: ArrayLike<number>, start: number, classes: number, wanted: number): number {
  const own = data[start + wanted] ?? NaN;
  let before = 0;
  for (let i = 0; i < classes; i++) {
    const other = data[start + i] ?? NaN;
    if (other > own || (other === own && i < wanted)) before++;
  }
  return before;
}

class AccuracyMeter implements MetricMeter {
  readonly #labels: Labels;
  #seen = 0;
  #right = 0;
  #among = 0;
  #classes = 0;

  constructor(labels: Labels) {
    this.#labels = labels;
  }

  add(results: ArrayLike<number>, _inputs: unknown, samples: number): void {
    const classes = results.length / samples;
    this.#classes = classes;
    for (let i = 0; i < samples; i++) {
      const label = this.#labels.elements[this.#seen++] ?? NaN;
      if (argmax(results, i * classes, classes) === label) this.#right++;
      if (rankOf(results, i * classes, classes, label) < TOP) this.#among++;
    }
  }

  value(): number | null {
    return this.#seen === 0 ? null : this.#right / this.#seen;
  }

  top5(): number | null {
    return this.#seen === 0 || this.#classes <= TOP ? null : this.#among / this.#seen;
  }
}

/** Probability that an anomalous sample scores more than a normal one, a tie counting half. */
class AucMeter implements MetricMeter {
  readonly #labels: Labels;
  readonly #scores: number[] = [];

  constructor(labels: Labels) {
    this.#labels = labels;
  }

  add(results: ArrayLike<number>, inputs: ArrayLike<number> | undefined, samples: number): void {
    const size = results.length / samples;
    for (let i = 0; i < samples; i++) {
      if (size === 1 || inputs === undefined) {
        this.#scores.push(results[i] ?? NaN);
        continue;
      }
      let sum = 0;
      for (let k = i * size; k < (i + 1) * size; k++) sum += ((inputs[k] ?? NaN) - (results[k] ?? NaN)) ** 2;
      this.#scores.push(sum / size);
    }
  }

  value(): number | null {
    if (this.#scores.some(Number.isNaN)) return null;
    const ranked = this.#scores
      .map((score, i) => ({ score, anomalous: this.#labels.elements[i] === 1 }))
      .sort((a, b) => a.score - b.score);
    const anomalous = ranked.filter((each) => each.anomalous).length;
    const normal = ranked.length - anomalous;
    if (anomalous === 0 || normal === 0) return null;
    let pairs = 0;
    let below = 0;
    for (let start = 0; start < ranked.length;) {
      let end = start;
      while (end < ranked.length && ranked[end]?.score === ranked[start]?.score) end++;
      const tied = ranked.slice(start, end);
      const normalTied = tied.filter((each) => !each.anomalous).length;
      pairs += (tied.length - normalTied) * (below + normalTied / 2);
      below += normalTied;
      start = end;
    }
    return pairs / (anomalous * normal);
  }

  top5(): null {
    return null;
  }
}

/** 1 - Σ (result - label)² / Σ (label - mean)², the mean over the columns whose labels vary. */
class DeterminationMeter implements MetricMeter {
  readonly #labels: Labels;
  readonly #left: number[];
  #seen = 0;

  constructor(labels: Labels) {
    this.#labels = labels;
    this.#left = Array.from({ length: labels.perSample }, () => 0);
  }

  add(results: ArrayLike<number>): void {
    const { elements, perSample } = this.#labels;
    for (let i = 0; i < results.length; i++) {
      const column = i % perSample;
      this.#left[column] = (this.#left[column] ?? 0) + ((results[i] ?? NaN) - (elements[this.#seen++] ?? NaN)) ** 2;
    }
  }

  value(): number | null {
    const { elements, perSample } = this.#labels;
    const samples = this.#seen / perSample;
    const columns = this.#left.flatMap((left, column) => {
      const own = Array.from({ length: samples }, (_, i) => elements[i * perSample + column] ?? NaN);
      const mean = own.reduce((sum, x) => sum + x, 0) / samples;
      const spread = own.reduce((sum, x) => sum + (x - mean) ** 2, 0);
      return spread === 0 ? [] : [1 - left / spread];
    });
    return columns.length === 0 ? null : columns.reduce((sum, x) => sum + x, 0) / columns.length;
  }

  top5(): null {
    return null;
  }
}
