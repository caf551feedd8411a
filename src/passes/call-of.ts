import type { Node } from '../ir/graph.js';
import type { InferenceCall } from '../ir/ops/operator.js';

/** The inference call of a node that stands in a graph; sizes that only the data decide are called `?`. */
export const callOf = ({ op, attrs, inputs, outputs }: Node): InferenceCall => ({
  op,
  attrs,
  inputs,
  outputCount: outputs.length,
  freshDim: () => '?',
});
