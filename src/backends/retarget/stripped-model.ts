import type { DType } from '../../ir/dtype.js';
import type { Graph } from '../../ir/graph.js';
import type { TrainedGrid, TrainedWeights } from './trained-grid.js';

/** An input or output that was integers in the quantised model. */
export interface IntegerPort {
  readonly dtype: DType;
  readonly grid: TrainedGrid;
}

/** A quantised model without its quantisation, and what that was. */
export interface StrippedModel {
  /** In the float ONNX dialect. Inputs and outputs that were integers are the real numbers they stood for. */
  readonly graph: Graph;
  /** How activations were quantised, by label of the float tensor. */
  readonly grids: ReadonlyMap<string, TrainedGrid>;
  /** How weights were quantised, by index of the source node that reads them. */
  readonly weights: ReadonlyMap<number, TrainedWeights>;
  readonly inputs: ReadonlyMap<string, IntegerPort>;
  readonly outputs: ReadonlyMap<string, IntegerPort>;
}
