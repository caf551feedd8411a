import { rewrites, type Pipeline } from '../../../passes/pass.js';
import { rewriteSplitAsSlices } from '../../../passes/rules/rewrite-split-as-slices.js';
import { rewriteBatchnormAsConv } from './rewrite-batchnorm-as-conv.js';

/** Canonical float graph → the same function in operators that have an integer form, where there is one. */
export const prepareForIntegers: Pipeline = {
  name: 'tinpu-preparation',
  steps: [
    {
      pass: rewrites('state-as-layers', [rewriteSplitAsSlices, rewriteBatchnormAsConv]),
      because: 'canonicalisation has folded all that folds; what is left must be a layer, or it stays in float',
    },
  ],
};
