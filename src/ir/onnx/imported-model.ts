import type { Diagnostic, Location } from '../diagnostics.js';
import type { Graph } from '../graph.js';
import type { OperatorTable } from '../ops/table.js';
import type { ResolveExternal } from './external-data.js';

/** How a model is read. */
export interface ImportOptions {
  /** Name of the file, for diagnostics. */
  readonly file?: string;
  /** Reads tensors stored beside the model; such tensors are refused without it. */
  readonly resolveExternal?: ResolveExternal;
  readonly operators?: OperatorTable;
  /** Sizes for symbolic dimensions of the graph inputs, by symbol. */
  readonly freeDims?: ReadonlyMap<string, number>;
  /** The newest opset that is accepted, `NEWEST_OPSET` by default. */
  readonly maxOpset?: number;
}

/** A model file as a graph, and what else it says. */
export interface ImportedModel {
  /** In the float ONNX dialect: every operator in its newest form, every value typed. */
  readonly graph: Graph;
  readonly metadata: ModelMetadata;
  /** What was brought into the newest form: first what concerns the file as a whole, then the nodes in their order. */
  readonly normalisations: readonly Normalisation[];
  /** Warnings and remarks. */
  readonly diagnostics: readonly Diagnostic[];
}

/** What a model file says of itself beside its graph. */
export interface ModelMetadata {
  readonly irVersion: number;
  /** Version of the operators of ai.onnx. */
  readonly opset: number;
  readonly producer: string;
  readonly producerVersion: string;
  readonly domain: string;
  readonly modelVersion: number;
  readonly docString: string;
  readonly metadataProps: ReadonlyMap<string, string>;
}

/** A form of the file that was brought into the newest one: of one node, or one kind of them in the whole file. */
export interface Normalisation {
  /** The node; missing for what concerns the whole file. */
  readonly at?: Location;
  /** The operator and the opset of the file, e.g. `Upsample of opset 9`, or what was found how often. */
  readonly from: string;
  /** The operator of the graph, or what became of it. */
  readonly to: string;
  /** What was changed, or where. */
  readonly text: string;
}
