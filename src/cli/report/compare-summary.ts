import type {
  LayerComparison,
  MetricComparison,
  ModelComparison,
  OutputComparison,
} from '../../backends/compare/comparison.js';
import type { EngineAgreement } from '../../backends/compare/engine-agreement.js';
import type { ModelKind } from '../../backends/run.js';
import type { DiagnosticSummary } from '../../backends/summary.js';
import { VERSION } from '../../backends/version.js';
import type { Diagnostic } from '../../ir/diagnostics.js';
import { summariseDiagnostic } from '../../backends/report/summarise-diagnostic.js';

/** The answer of `compare` as --json prints it; what is undefined in the comparison is null. */
export interface CompareSummary {
  readonly version: string;
  readonly float: string;
  readonly quantised: string;
  /** What the first model is, which the second is compared with. */
  readonly referenceKind: ModelKind;
  /** What the second model is. */
  readonly kind: ModelKind;
  readonly samples: number;
  readonly outputs: readonly (Omit<OutputComparison, 'scale'> & { readonly scale: number | null })[];
  readonly metric: MetricComparison | null;
  readonly layerSamples: number;
  /** The layer that does most damage first. */
  readonly layers: readonly LayerRow[];
  /** The ONNX Runtime that took part. */
  readonly runtime: string | null;
  /** Whether it would have taken part, had it been there. */
  readonly runtimeWanted: boolean;
  readonly engines: readonly EngineAgreement[];
  readonly bars: readonly BarSummary[];
  /** Whether no bar is missed. */
  readonly passed: boolean;
  readonly diagnostics: readonly DiagnosticSummary[];
  readonly seconds: number;
}

type LayerRow = Omit<LayerComparison, 'parts' | 'cause' | 'weightBits' | 'advice'> & {
  readonly [K in 'parts' | 'cause' | 'weightBits' | 'advice']: NonNullable<LayerComparison[K]> | null;
};

/** What the quantised model must reach; undefined for no bar. */
export interface Bars {
  /** The metric that labels call for. */
  readonly accuracy: number | undefined;
  /** At every output. */
  readonly sqnrDb: number | undefined;
}

export interface BarSummary {
  readonly bar: 'min-accuracy' | 'min-sqnr';
  readonly least: number;
  /** Null where nothing could be measured; Infinity without any difference. */
  readonly found: number | null;
  readonly met: boolean;
}

export interface CompareCircumstances {
  readonly bars: Bars;
  readonly runtime: string | undefined;
  readonly runtimeWanted: boolean;
  readonly diagnostics: readonly Diagnostic[];
  readonly seconds: number;
}

export function summariseCompare(
  names: { readonly float: string; readonly quantised: string },
  kinds: { readonly float: ModelKind; readonly quantised: ModelKind },
  { samples, outputs, metric, layerSamples, layers, engines }: ModelComparison,
  { bars, runtime, runtimeWanted, diagnostics, seconds }: CompareCircumstances,
): CompareSummary {
  const worst = outputs.reduce(
    (least, { sqnrDb }) => (Number.isNaN(sqnrDb) ? sqnrDb : Math.min(least, sqnrDb)),
    Infinity,
  );
  const judged = [
    ...judge('min-accuracy', bars.accuracy, metric?.quantised ?? null),
    ...judge('min-sqnr', bars.sqnrDb, Number.isNaN(worst) ? null : worst),
  ];
  return {
    version: VERSION,
    ...names,
    referenceKind: kinds.float,
    kind: kinds.quantised,
    samples,
    outputs: outputs.map((output) => ({ ...output, scale: output.scale ?? null })),
    metric: metric ?? null,
    layerSamples,
    layers: layers.map((layer) => ({
      ...layer,
      parts: layer.parts ?? null,
      cause: layer.cause ?? null,
      weightBits: layer.weightBits ?? null,
      advice: layer.advice ?? null,
    })),
    runtime: runtime ?? null,
    runtimeWanted,
    engines,
    bars: judged,
    passed: judged.every(({ met }) => met),
    diagnostics: diagnostics.map(summariseDiagnostic),
    seconds,
  };
}

function judge(bar: BarSummary['bar'], least: number | undefined, found: number | null): BarSummary[] {
  return least === undefined ? [] : [{ bar, least, found, met: found !== null && found >= least }];
}
