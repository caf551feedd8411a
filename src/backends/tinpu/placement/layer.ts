/** Layer patterns of TI's compiler (spec 2.1). */
export type Pattern = 'FCONV' | 'GCONV' | 'DWCONV' | 'PWCONV' | 'PWCONVRES' | 'TCONV' | 'FC' | 'AVGPOOL' | 'MAXPOOL';

/** The sizes that placement rules look at. A size that is not known is 0. */
export interface LayerShape {
  readonly pattern: Pattern | undefined;
  readonly inputChannels: number;
  readonly outputChannels: number;
  readonly groups: number;
  readonly kernel: readonly [height: number, width: number];
  readonly strides: readonly [height: number, width: number];
  readonly dilations: readonly [height: number, width: number];
  /** Elements that a global pool averages; undefined for other layers. */
  readonly area?: number;
  /** Rows of one sample that a fully connected layer multiplies; 1 when omitted. */
  readonly rows?: number;
  readonly weightBits: number;
  /** Widths of the activations that the layer reads and delivers; 8 when omitted. */
  readonly activationBits?: readonly number[];
  /** Known once there are integers. */
  readonly requantisation?: Requantisation;
}

/** Extremes over the channels of a BNORM's constants, and the ranges it and a residual addition behind it clip to. */
export interface Requantisation {
  readonly bias: Range;
  readonly scale: Range;
  readonly shift: Range;
  readonly clip: Range;
  /** The range that the sum with the residual is clipped to; undefined without one. */
  readonly sum?: Range | undefined;
}

export type Range = readonly [least: number, most: number];
