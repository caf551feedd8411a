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
  /** The newest opset that is accepted, 23 by default. */
  readonly maxOpset?: number;
}

export interface ImportedModel {
  /** In the float ONNX dialect: every operator in its newest form, every value typed. */
  readonly graph: Graph;
  readonly metadata: ModelMetadata;
  /** What was brought into the newest form, in the order of the nodes. Constant nodes becoming constants is not told. */
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

/** One node that was brought into the newest form of its operator. */
export interface Normalisation {
  readonly at: Location;
  /** The operator and the opset of the file, e.g. `Upsample of opset 9`. */
  readonly from: string;
  /** The operator of the graph. */
  readonly to: string;
  /** What was changed. */
  readonly text: string;
}
