import { rewrites, type Pipeline } from '../../passes/pass.js';
import { rewriteSplitAsSlices } from '../../passes/rules/rewrite-split-as-slices.js';

/** Canonical float graph → the same function in operators that pass quantised elements on, where there are such. */
export const prepareForQuantisation: Pipeline = {
  name: 'generic-preparation',
  steps: [
    {
      pass: rewrites('split-into-movers', [rewriteSplitAsSlices]),
      because: 'each part has readers of its own, and a mover has one result',
    },
  ],
};
