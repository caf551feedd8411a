import type { Value } from '../../ir/graph.js';
import type { Grid } from './grid.js';

/** A tensor of a quantised model whose elements stand for those of a float tensor. */
export interface QuantisedTensor {
  /** Its integers, which are observed while the model runs. */
  readonly value: Value;
  /** Labels that the float tensor may have, the likeliest first. */
  readonly labels: readonly string[];
  /** What the integers stand for; the scale is undefined where the model does not tell it. */
  readonly grid: Omit<Grid, 'scale'> & { readonly scale: number | undefined };
  /** Undefined for a tensor that no layer with weights computes. */
  readonly weights: WeightFacts | undefined;
}

/** The integers of a layer's weights. */
export interface WeightFacts {
  readonly bits: number;
  /** Mean square, over the channels, of the share of the largest integer that the channel makes use of. */
  readonly fill: number;
}
