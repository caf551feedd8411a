import type { SurgeryEntry } from './entry.js';
import { operatorToRelu } from './relu.js';
import { replaceLargerOfLines, replaceLineBelow, replaceRampDifference, replaceRampSum } from './sloped-chains.js';

/** Leaky ReLU, whatever its slope below 0, and the larger of x and αx, or the choice between them. */
export const leakyRelu: SurgeryEntry = {
  name: 'leaky-relu',
  replaces: 'LeakyRelu; Max(x, αx) with α ≤ 1; Where(x > 0, x, αx)',
  by: 'Relu',
  rules: [operatorToRelu('LeakyRelu'), replaceLargerOfLines, replaceLineBelow],
};

/** PReLU, whatever its slopes below 0, and Relu(x) with a multiple of Relu(-x). */
export const pRelu: SurgeryEntry = {
  name: 'prelu',
  replaces: 'PRelu; Relu(x) ± α · Relu(-x)',
  by: 'Relu',
  rules: [operatorToRelu('PRelu'), replaceRampSum, replaceRampDifference],
};

/** Thresholded ReLU, which is 0 up to its threshold. */
export const thresholdedRelu: SurgeryEntry = {
  name: 'thresholded-relu',
  replaces: 'ThresholdedRelu',
  by: 'Relu',
  rules: [operatorToRelu('ThresholdedRelu')],
};
