import { uniformSource } from '../../src/ir/random.js';

export interface ConvolutionText {
  readonly x: string;
  /** Type and elements: `int8[1,1,1,1] = [3]`. */
  readonly weight: string;
  /** Shape of the accumulator and of the result. */
  readonly y: string;
  readonly strides?: string;
  readonly pads?: string;
  readonly dilations?: string;
  readonly group?: number;
}

/** IR text of a q.Conv with its q.Bnorm, of which one scale and one shift serve all channels. */
export const requantisedConvolution = (layer: ConvolutionText): string => text(layer, 'sum');

/** The same as a rewrite of such a layer leaves it: the accumulator is a value of its own beside the first one. */
export const rewrittenConvolution = (layer: ConvolutionText): string => text(layer, 'sum_1');

const text = (
  { x, weight, y, strides = '[1, 1]', pads = '[0, 0, 0, 0]', dilations = '[1, 1]', group = 1 }: ConvolutionText,
  sum: string,
): string => {
  const channels = Number(/^\w+,(\d+)/.exec(y)?.[1]);
  return `graph "g"
    input %x: int8[${x}]
    const %w: ${weight}
    const %bias: int32[${channels}] = ${integers(9, channels, 900)}
    const %one: int32[1] = [1]
    const %shift: int32[1] = [5]
    %${sum}: int32[${y}] = q.Conv(%x, %w) {strides = ${strides}, pads = ${pads}, dilations = ${dilations}, group = ${group}} "conv" @[1 "conv" "Conv"]
    %y: int8[${y}]<0.5 s8> = q.Bnorm(%${sum}, %bias, %one, %shift) {lo = -128, hi = 127} "relu" @[1 "conv" "Conv", 2 "relu" "Relu"]
    output "y" = %y`;
};

/** Seeded integers in -limit … limit, as the text form has them. */
export function integers(seed: number, count: number, limit: number): string {
  const next = uniformSource(seed);
  return `[${Array.from({ length: count }, () => Math.round(next() * limit)).join(', ')}]`;
}

/** Inputs over all of int8. */
export const INT8_FEEDS = { ranges: { x: [-128, 128] } } as const;
