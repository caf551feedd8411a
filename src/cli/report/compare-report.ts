import type { Engine } from '../../backends/compare/engine-agreement.js';
import type { ErrorCause } from '../../backends/compare/advise.js';
import type { ModelKind } from '../../backends/run.js';
import type { MetricName } from '../../backends/compare/choose-metric.js';
import { formatReal, formatSeconds, formatShare, quantity } from '../text/format.js';
import { table, type Row, type TableOptions } from '../text/table.js';
import { printable } from '../text/width.js';
import type { CompareSummary } from './compare-summary.js';
import { factLines, type Fact } from './facts.js';

/** Layers that are told what would help them. */
const ADVISED = 5;

const METRIC_NAMES: Readonly<Record<MetricName, string>> = { accuracy: 'accuracy', auc: 'AUC', r2: 'R²' };

const CAUSES: Readonly<Record<ErrorCause, string>> = {
  weights: 'integers of weights',
  rounding: 'rounding of the result',
  saturation: 'saturation of the result',
};

const KINDS: Readonly<Record<ModelKind, string>> = {
  float: 'float',
  tinpu: 'TINPU integers',
  integer: 'integers',
  qdq: 'QDQ',
};

const REFERENCES: Readonly<Record<ModelKind, string>> = {
  float: 'float',
  tinpu: 'TINPU integers, as executed',
  integer: 'integers, as executed',
  qdq: 'QDQ, as executed',
};

/** What the first model is called. */
const referenceName = ({ referenceKind }: Pick<CompareSummary, 'referenceKind'>): string =>
  referenceKind === 'float' ? 'float model' : 'first model';

/** The answer of `compare` for people: outputs, then layers by the damage they do, then engines and bars. */
export function compareReport(summary: CompareSummary, options: TableOptions): string[] {
  const { style } = options;
  const { float, quantised, kind, referenceKind, samples, seconds, layers } = summary;
  return [
    `${style.bold(printable(quantised))} (${KINDS[kind]}) against ${style.bold(printable(float))} (${REFERENCES[referenceKind]}): ${quantity(samples, 'sample')} in ${formatSeconds(seconds)}`,
    '',
    ...outputTable(summary, options),
    ...(layers.length === 0 ? [] : ['', ...layerLines(summary, options)]),
    '',
    ...factLines([...metricFacts(summary), ...engineFacts(summary), ...barFacts(summary, options)], options),
  ];
}

function outputTable(summary: CompareSummary, options: TableOptions): string[] {
  return table(
    [
      { heading: 'output', shrinksTo: 8 },
      { heading: 'dB', right: true },
      { heading: 'cosine', right: true },
      { heading: 'largest difference', right: true },
      { heading: 'same top 1', right: true },
      { heading: 'in top 5', right: true },
    ],
    summary.outputs.map(({ name, sqnrDb, cosine, maxAbsDiff, top1Agreement, top5Agreement, fitted }) => ({
      cells: [
        printable(name),
        decibels(sqnrDb),
        Number.isNaN(cosine) ? '–' : cosine.toFixed(6),
        formatReal(maxAbsDiff),
        share(top1Agreement),
        share(top5Agreement),
      ],
      notes: fitted
        ? [`the model does not tell its scale, which was fitted to the ${referenceName(summary)}`]
        : undefined,
    })),
    options,
  );
}

function layerLines(summary: CompareSummary, options: TableOptions): string[] {
  const { layers, layerSamples } = summary;
  const rows = layers.map((layer, i): Row => {
    const { advice, cause, parts, saturatedFraction } = layer;
    const notes = i < ADVISED && layer.damage > 0 ? [adviceOf(advice, cause)] : [];
    return {
      cells: [
        printable(layer.name),
        layer.weightBits === null ? '–' : String(layer.weightBits),
        String(layer.activationBits),
        decibels(layer.sqnrDb),
        decibels(layer.inheritedSqnrDb),
        added(layer.damage),
        ...(['weights', 'rounding', 'saturation'] as const).map((part) =>
          parts === null || !(layer.damage > 0) ? '–' : `${Math.round(100 * parts[part])} %`,
        ),
        saturatedFraction === 0 ? '–' : formatShare(saturatedFraction),
      ],
      notes,
    };
  });
  const fitted = layers.filter((layer) => layer.fitted).length;
  return [
    ...table(
      [
        { heading: 'layer', shrinksTo: 14 },
        { heading: 'weights', right: true, rank: 2 },
        { heading: 'result', right: true, rank: 2 },
        { heading: 'dB', right: true },
        { heading: 'inherited', right: true },
        { heading: 'adds', right: true },
        { heading: 'by weights', right: true, rank: 3 },
        { heading: 'rounding', right: true, rank: 3 },
        { heading: 'saturation', right: true, rank: 3 },
        { heading: 'saturated', right: true, rank: 1 },
      ],
      rows,
      options,
    ),
    '',
    ...factLines(
      [
        [
          'inherited',
          `dB that the layer would have, were it computed as in the ${referenceName(summary)} on the integers it reads`,
        ],
        [
          'adds',
          `noise by signal that the layer adds to that, in dB; the worst first, on ${quantity(layerSamples, 'sample')}`,
        ],
        ...(fitted === 0
          ? []
          : [['scales', `of ${quantity(fitted, 'layer')} fitted to the ${referenceName(summary)}`] as const]),
      ],
      options,
    ),
  ];
}

function adviceOf(advice: CompareSummary['layers'][number]['advice'], cause: ErrorCause | null): string {
  const mostly = cause === null ? '' : `mostly ${CAUSES[cause]}`;
  if (advice === null) return `${mostly}; no option takes noticeably from it`;
  const gain = Number.isFinite(advice.gainDb) ? `, ${advice.gainDb.toFixed(1)} dB less error of its own` : '';
  return `${advice.flag}: ${printable(advice.reason)}${gain}`;
}

function metricFacts(summary: CompareSummary): Fact[] {
  const { metric } = summary;
  if (metric === null) return [];
  const { name, float, quantised, floatTop5, quantisedTop5 } = metric;
  const pair = (a: number | null, b: number | null): string =>
    `${figure(name, b)}, ${referenceName(summary)} ${figure(name, a)}`;
  const lines = [pair(float, quantised)];
  if (floatTop5 !== null) lines.push(`among the five largest: ${pair(floatTop5, quantisedTop5)}`);
  return [[METRIC_NAMES[name], lines]];
}

const figure = (name: MetricName, value: number | null): string => {
  if (value === null) return 'not defined';
  return name === 'accuracy' ? formatShare(value) : value.toFixed(4);
};

const ENGINES: Readonly<Record<Exclude<Engine, 'float'>, string>> = {
  integers: 'interpreter',
  runtime: 'ONNX Runtime',
};

function engineFacts(summary: CompareSummary): Fact[] {
  const { engines, runtime, runtimeWanted } = summary;
  const called = (engine: Engine): string => (engine === 'float' ? referenceName(summary) : ENGINES[engine]);
  const lines = engines.map(({ engines: [a, b], differing, elements, largest }) => {
    const unit = a !== 'float' ? '' : largest === 1 ? ' step' : ' steps';
    const by = differing === 0 ? '' : `, by up to ${formatReal(largest)}${unit}`;
    return `${called(a)} and ${called(b)} differ in ${differing} of ${elements} results${by}`;
  });
  const absent =
    runtime === null && runtimeWanted ? ['onnxruntime-node is not installed here: not compared with it'] : [];
  return [['engines', [...lines, ...absent]]];
}

function barFacts({ bars, metric }: CompareSummary, { style }: TableOptions): Fact[] {
  const lines = bars.map(({ bar, least, found, met }) => {
    const value =
      found === null
        ? 'not measured'
        : bar === 'min-sqnr'
          ? `${decibels(found)} dB`
          : figure(metric?.name ?? 'accuracy', found);
    const text = `--${bar} ${least}: ${met ? 'met' : 'missed'}, ${value}`;
    return met ? style.good(text) : style.bad(text);
  });
  return lines.length === 0 ? [] : [['bars', lines]];
}

const share = (value: number | null): string => (value === null ? '–' : formatShare(value));
const decibels = (db: number): string => (db === Infinity ? 'exact' : Number.isFinite(db) ? db.toFixed(1) : '–');
const added = (damage: number): string => (damage > 0 ? (10 * Math.log10(damage)).toFixed(1) : 'nothing');
