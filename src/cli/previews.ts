import { quantisedModel } from '../backends/compile.js';
import { brokenConstantDiagnostics, refuseOptions } from '../backends/generic/refusals.js';
import { prepareForQuantisation } from '../backends/generic/prepare.js';
import { previewLayers as previewGenericLayers } from '../backends/generic/report/preview.js';
import { splitGraph } from '../backends/generic/split/points.js';
import { prepareFloat } from '../backends/prepare-float.js';
import { peakActivationBytes } from '../backends/report/memory.js';
import { stripQuantisation } from '../backends/retarget/strip-quantisation.js';
import { TrainedWeightsIndex } from '../backends/retarget/trained-knowledge.js';
import { noLayers } from '../backends/split/no-layers.js';
import type { WidthOptions } from '../backends/split/widths.js';
import type { IslandSummary, LayerSummary } from '../backends/summary.js';
import type { BackendName, Target } from '../backends/targets.js';
import { prepareForTinpu } from '../backends/tinpu/prepare/prepare.js';
import { previewLayers } from '../backends/tinpu/report/preview.js';
import type { RuleSet } from '../backends/tinpu/placement/rules.js';
import { obstacleDiagnostics } from '../backends/tinpu/split/refusals.js';
import { assignRoles, computesIntegers } from '../backends/tinpu/split/roles.js';
import { UserError, type Diagnostic } from '../ir/diagnostics.js';
import type { Graph } from '../ir/graph.js';
import type { SurgeryEntry } from '../passes/surgery/entry.js';
import type { Trace } from '../passes/trace.js';

/** The layers that compiling a model would give, and what stands in the way. */
export interface Preview {
  readonly layers: readonly LayerSummary[];
  readonly islands: readonly IslandSummary[];
  /** An error stands in the way. */
  readonly diagnostics: readonly Diagnostic[];
  readonly floatPeakActivationBytes: number | null;
  /** The canonical float graph; undefined where compiling does not come that far. */
  readonly graph: Graph | undefined;
}

export interface PreviewOptions {
  readonly file: string;
  readonly target: Target;
  readonly backend: BackendName;
  /** `strict` when undefined. */
  readonly rules: RuleSet | undefined;
  readonly surgery?: readonly SurgeryEntry[] | undefined;
  readonly trace: Trace | undefined;
}

/**
 * What `compile` would make of a model, told without calibration.
 * @param quantised whether it is a QDQ model, which the TINPU backend takes without its quantisation
 */
export function previewCompilation(source: Graph, quantised: boolean, options: PreviewOptions): Preview {
  const diagnostics: Diagnostic[] = [];
  const report = (diagnostic: Diagnostic): void => void diagnostics.push(diagnostic);
  try {
    const found =
      options.backend === 'tinpu'
        ? (quantised ? previewRetargeted : previewTinpu)(source, options, report)
        : previewGeneric(source, quantised, options, report);
    return { ...found, diagnostics };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    for (const diagnostic of error.diagnostics) report(diagnostic);
    return { layers: [], islands: [], diagnostics, floatPeakActivationBytes: null, graph: undefined };
  }
}

type Found = Omit<Preview, 'diagnostics'>;
type Report = (diagnostic: Diagnostic) => void;

function previewGeneric(
  source: Graph,
  quantised: boolean,
  { file, target, rules, surgery, trace }: PreviewOptions,
  report: Report,
): Found {
  if (quantised) throw quantisedModel({ model: file, target });
  refuseOptions({ rules }, report);
  const graph = prepareFloat(source, surgery, [prepareForQuantisation], { trace, report });
  const split = splitGraph(graph);
  for (const diagnostic of brokenConstantDiagnostics(graph, file)) report(diagnostic);
  if (split.points.length === 0) for (const diagnostic of noLayers(file).diagnostics) report(diagnostic);
  return { ...previewGenericLayers(graph, split), floatPeakActivationBytes: peakActivationBytes(graph), graph };
}

function previewRetargeted(source: Graph, options: PreviewOptions, report: Report): Found {
  const stripped = stripQuantisation(source, { report, file: options.file });
  const weights = new TrainedWeightsIndex(stripped);
  return previewTinpu(stripped.graph, options, report, {
    trainedBits: (layer) => ({ weights: weights.bitsOf(layer) }),
  });
}

function previewTinpu(
  source: Graph,
  { file, target, rules = 'strict', surgery, trace }: PreviewOptions,
  report: Report,
  widths: WidthOptions = {},
): Found {
  const graph = prepareForTinpu(source, surgery, { trace, report });
  const roles = assignRoles(graph, widths);
  const { obstacles } = roles;
  for (const diagnostic of obstacleDiagnostics(obstacles, file)) report(diagnostic);
  if (obstacles.length === 0 && !computesIntegers(roles)) {
    for (const diagnostic of noLayers(file).diagnostics) report(diagnostic);
  }
  return {
    ...previewLayers(graph, roles, target, rules),
    floatPeakActivationBytes: peakActivationBytes(graph),
    graph,
  };
}
