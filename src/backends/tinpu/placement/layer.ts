/** Layer patterns of TI's compiler (spec 2.1). */
export type Pattern = 'FCONV' | 'GCONV' | 'DWCONV' | 'PWCONV' | 'FC' | 'AVGPOOL' | 'MAXPOOL';

/** The sizes that placement rules look at. */
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
  readonly weightBits: 8 | 4 | 2;
}
