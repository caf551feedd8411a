import { modelKind, type ModelKind } from '../backends/run.js';
import { liftAffine } from '../backends/affine/lift/lift.js';
import { affineLayers, type AffineLayerSummary } from '../backends/affine/report/layers.js';
import { estimateLatency, totalsOf } from '../backends/estimate.js';
import type {
  DiagnosticSummary,
  EstimateSummary,
  IslandSummary,
  LayerSummary,
  TotalsSummary,
} from '../backends/summary.js';
import { findTarget, type BackendName, type Target } from '../backends/targets.js';
import { summariseIslands } from '../backends/report/islands.js';
import { islandsOf } from '../backends/tinpu/report/islands.js';
import { layerName, sourceName } from '../backends/report/layer-name.js';
import { layersOf } from '../backends/tinpu/report/layers.js';
import { liftCarrier } from '../backends/tinpu/lift/lift.js';
import { peakActivationBytes } from '../backends/report/memory.js';
import { summariseLayers } from '../backends/tinpu/report/summarise.js';
import { VERSION } from '../backends/version.js';
import { InternalError, type Diagnostic } from '../ir/diagnostics.js';
import type { Graph } from '../ir/graph.js';
import type { ImportedModel } from '../ir/onnx/import.js';
import type { SurgeryEntry } from '../passes/surgery/entry.js';
import type { Trace } from '../passes/trace.js';
import { readQuantcMetadata } from '../backends/quantc-metadata.js';
import { countGraph, interfaceTensor, type GraphFacts, type InterfaceTensor } from './report/model-facts.js';
import { summariseDiagnostic } from '../backends/report/summarise-diagnostic.js';
import { previewCompilation } from './previews.js';

/** The answer of `inspect`: the JSON summary of spec 4.3, as far as it exists without calibration, and what the file is. */
export interface Inspection {
  readonly version: string;
  readonly model: string;
  readonly kind: ModelKind;
  readonly onnx: GraphFacts & {
    readonly producer: string;
    readonly producerVersion: string;
    readonly irVersion: number;
    readonly opset: number;
    readonly bytes: number;
    readonly metadata: readonly { readonly key: string; readonly value: string }[];
  };
  readonly target: string | null;
  readonly backend: string | null;
  readonly recipe: string | null;
  readonly output: string | null;
  readonly inputs: readonly InterfaceTensor[];
  readonly outputs: readonly InterfaceTensor[];
  readonly layers: readonly LayerSummary[];
  /** The steps of a QDQ model, in integers or in float; empty for other kinds. */
  readonly affineLayers: readonly AffineLayerSummary[];
  readonly islands: readonly IslandSummary[];
  /** Null where there are no layers to tell. */
  readonly totals: TotalsSummary | null;
  /** Null without a target. */
  readonly estimate: EstimateSummary | null;
  readonly activations: readonly never[];
  readonly memory: {
    readonly weightBytes: number | null;
    readonly floatWeightBytes: number | null;
    readonly peakActivationBytes: number | null;
    readonly floatPeakActivationBytes: number | null;
  };
  readonly accuracy: null;
  readonly diagnostics: readonly DiagnosticSummary[];
  readonly seconds: Readonly<Record<string, number>>;
}

export interface InspectOptions {
  readonly file: string;
  readonly bytes: number;
  readonly target: Target | undefined;
  /** What the target's layers are told of; undefined without a target. */
  readonly backend: BackendName | undefined;
  /** `strict` when undefined. */
  readonly rules: 'strict' | 'relaxed' | undefined;
  /** Activations to replace before layers are told. */
  readonly surgery?: readonly SurgeryEntry[] | undefined;
  readonly trace: Trace | undefined;
}

export interface InspectionResult {
  readonly inspection: Inspection;
  readonly diagnostics: readonly Diagnostic[];
  /** The graph that the layers were read from: lifted or canonical; undefined when there are no layers to tell. */
  readonly graph: Graph | undefined;
}

/** Says what a model is and, given a target or a quantised model, what its layers are and where they run. */
export function inspectModel(imported: ImportedModel, options: InspectOptions): InspectionResult {
  const { graph, metadata } = imported;
  const kind = modelKind(graph);
  const own = readQuantcMetadata(metadata.metadataProps);
  const target = options.target ?? (own && findTarget(own.target));
  const found =
    kind === 'tinpu' || kind === 'integer'
      ? quantisedLayers(graph, target, own !== undefined, options)
      : previewedLayers(graph, kind === 'qdq', options);
  const diagnostics = [...imported.diagnostics, ...found.diagnostics];
  const weightBytes = found.layers.reduce((sum, { bytes: b }) => sum + b.weights + b.bias + b.scale + b.shift, 0);
  const facts = countGraph(graph);
  const inspection: Inspection = {
    version: VERSION,
    model: options.file,
    kind,
    onnx: {
      producer: metadata.producer,
      producerVersion: metadata.producerVersion,
      irVersion: metadata.irVersion,
      opset: metadata.opset,
      bytes: options.bytes,
      ...facts,
      metadata: [...metadata.metadataProps].map(([key, value]) => ({ key, value })),
    },
    target: target?.name ?? null,
    backend: own?.backend ?? (kind === 'tinpu' && target !== undefined ? 'tinpu' : (options.backend ?? null)),
    recipe: own?.recipe ?? null,
    output: null,
    inputs: graph.inputs.map(({ name, type }) => ({ ...interfaceTensor(name, type), ...own?.inputs.get(name) })),
    outputs: graph.outputs.map(({ name, value }) => ({
      ...interfaceTensor(name, value.type),
      ...own?.outputs.get(name),
    })),
    layers: found.layers,
    affineLayers: kind === 'qdq' ? affineLayers(liftAffine(graph, options.trace)) : [],
    islands: found.islands,
    totals: found.layers.length === 0 ? null : totalsOf(found.layers),
    estimate: target === undefined || found.layers.length === 0 ? null : estimateLatency(found.layers, target),
    activations: [],
    memory: {
      weightBytes: found.graph === undefined ? null : weightBytes,
      floatWeightBytes: kind === 'float' ? facts.parameterBytes : null,
      peakActivationBytes: found.peakActivationBytes,
      floatPeakActivationBytes: found.floatPeakActivationBytes,
    },
    accuracy: null,
    diagnostics: diagnostics.map(summariseDiagnostic),
    seconds: {},
  };
  return { inspection, diagnostics, graph: found.graph };
}

interface FoundLayers {
  readonly layers: readonly LayerSummary[];
  readonly islands: readonly IslandSummary[];
  readonly diagnostics: readonly Diagnostic[];
  readonly peakActivationBytes: number | null;
  readonly floatPeakActivationBytes: number | null;
  readonly graph: Graph | undefined;
}

/** The integers found in a quantised model; scales are not in the file but for quantc's own. */
function quantisedLayers(
  graph: Graph,
  target: Target | undefined,
  own: boolean,
  { rules = 'strict', trace }: InspectOptions,
): FoundLayers {
  const lifted = liftCarrier(graph, { trace, restates: !own });
  const placed = target ?? findTarget('tinpu');
  if (placed === undefined) throw new InternalError('the target without limits is missing');
  const names = layersOf(lifted).map(({ node, accumulating }) => {
    const name = layerName(accumulating ?? node);
    return own ? sourceName(name) : name;
  });
  const layers = summariseLayers(lifted, placed, rules, new Map());
  return {
    layers: layers.map((layer, i) => ({ ...layer, name: names[i] ?? layer.name })),
    islands: summariseIslands(islandsOf(lifted)),
    diagnostics: [],
    peakActivationBytes: peakActivationBytes(lifted),
    floatPeakActivationBytes: null,
    graph: lifted,
  };
}

const NOTHING: FoundLayers = {
  layers: [],
  islands: [],
  diagnostics: [],
  peakActivationBytes: null,
  floatPeakActivationBytes: null,
  graph: undefined,
};

function previewedLayers(graph: Graph, quantised: boolean, options: InspectOptions): FoundLayers {
  const { target, backend } = options;
  if (target === undefined || backend === undefined) return NOTHING;
  return { ...previewCompilation(graph, quantised, { ...options, target, backend }), peakActivationBytes: null };
}
