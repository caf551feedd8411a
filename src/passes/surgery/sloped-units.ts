import type { SurgeryEntry } from './entry.js';
import { operatorToRelu } from './relu.js';

/** Leaky ReLU, whatever its slope below 0. */
export const leakyRelu: SurgeryEntry = {
  name: 'leaky-relu',
  replaces: 'LeakyRelu',
  by: 'Relu',
  rules: [operatorToRelu('LeakyRelu')],
};

/** PReLU, whatever its slopes below 0. */
export const pRelu: SurgeryEntry = { name: 'prelu', replaces: 'PRelu', by: 'Relu', rules: [operatorToRelu('PRelu')] };

/** Thresholded ReLU, which is 0 up to its threshold. */
export const thresholdedRelu: SurgeryEntry = {
  name: 'thresholded-relu',
  replaces: 'ThresholdedRelu',
  by: 'Relu',
  rules: [operatorToRelu('ThresholdedRelu')],
};
