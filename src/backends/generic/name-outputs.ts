import { labelOutputs } from '../../passes/label-outputs.js';
import type { Pipeline } from '../../passes/pass.js';

/** The last step on a quantised graph: its outputs bear the names that they have in the file. */
export const nameOutputs: Pipeline = {
  name: 'generic-naming',
  steps: [
    {
      pass: labelOutputs('quantized'),
      because: 'in the file an output has its name, so the integers it is computed from need another one',
    },
  ],
};
