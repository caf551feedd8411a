/** Options that every command takes. */
export interface CommonFlags {
  readonly color: boolean;
  readonly json: boolean;
  readonly quiet: boolean;
  readonly verbose: boolean;
}

/** The options of `compile` as they were typed. */
export interface CompileFlags extends CommonFlags {
  readonly target: string | undefined;
  readonly backend: string | undefined;
  readonly calib: readonly string[];
  readonly calibBatch: string | undefined;
  readonly weightBits: string | undefined;
  readonly activationBits: string | undefined;
  readonly bits: readonly string[];
  readonly recipe: string | undefined;
  readonly observer: string | undefined;
  readonly biasCalibration: string | undefined;
  readonly output: string | undefined;
  readonly rules: string | undefined;
  readonly legalise: boolean;
  readonly surgery: readonly string[];
  readonly config: string | undefined;
  /** '' for the file's own name. */
  readonly saveConfig: string | undefined;
  readonly out: string | undefined;
  readonly report: string | undefined;
  readonly verifyIr: boolean;
}

export interface InspectFlags extends CommonFlags {
  readonly target: string | undefined;
  readonly backend: string | undefined;
  readonly rules: string | undefined;
  readonly surgery: readonly string[];
}

export interface RunFlags extends CommonFlags {
  readonly input: readonly string[];
  readonly out: string | undefined;
  readonly intermediates: string | undefined;
  readonly engine: string | undefined;
  readonly batch: string | undefined;
}

export interface VerifyFlags extends CommonFlags {
  readonly vectors: readonly string[];
  readonly header: string | undefined;
  readonly shape: readonly string[];
  readonly dtype: readonly string[];
  readonly tolerance: string | undefined;
  readonly junit: string | undefined;
}

export interface VectorsFlags extends CommonFlags {
  readonly data: readonly string[];
  readonly count: string | undefined;
  readonly format: string | undefined;
  readonly out: string | undefined;
  readonly intermediates: boolean;
}

export interface CompareFlags extends CommonFlags {
  readonly data: readonly string[];
  readonly labels: string | undefined;
  readonly metric: string | undefined;
  readonly minAccuracy: string | undefined;
  readonly minSqnr: string | undefined;
  readonly header: string | undefined;
  readonly batch: string | undefined;
  /** Whether ONNX Runtime must take part; if it is there when undefined. */
  readonly runtime: boolean | undefined;
}

/** What the arguments ask for. `operands` are the arguments that are no options, the model first. */
export type Invocation =
  | { readonly command: 'compile'; readonly operands: readonly string[]; readonly flags: CompileFlags }
  | { readonly command: 'inspect'; readonly operands: readonly string[]; readonly flags: InspectFlags }
  | { readonly command: 'run'; readonly operands: readonly string[]; readonly flags: RunFlags }
  | { readonly command: 'verify'; readonly operands: readonly string[]; readonly flags: VerifyFlags }
  | { readonly command: 'compare'; readonly operands: readonly string[]; readonly flags: CompareFlags }
  | { readonly command: 'vectors'; readonly operands: readonly string[]; readonly flags: VectorsFlags }
  | { readonly command: 'targets'; readonly operands: readonly string[]; readonly flags: CommonFlags }
  | { readonly command: 'print'; readonly text: string };
