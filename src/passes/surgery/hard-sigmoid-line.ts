import type { Attributes } from '../../ir/attributes.js';

/** Slope and value at 0 of HardSigmoid before it is clipped to [0, 1]; ONNX's defaults are 0.2 and 0.5. */
export const hardSigmoidLine = (attrs: Attributes): readonly [alpha: number, beta: number] => [
  attrs.float('alpha', 0.2),
  attrs.float('beta', 0.5),
];
