import type { Graph } from '../../../ir/graph.js';
import { rewrites, type PassContext, type Pipeline } from '../../../passes/pass.js';
import { fitOpset17 } from '../../../passes/pipelines/fit-opset-17.js';
import { rewriteSplitAsSlices } from '../../../passes/rules/rewrite-split-as-slices.js';
import type { SurgeryEntry } from '../../../passes/surgery/entry.js';
import { prepareFloat } from '../../prepare-float.js';
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

/** A copy of a float graph as imported, with the surgery asked for, in the form from which integers are made. */
export const prepareForTinpu = (
  source: Graph,
  entries: readonly SurgeryEntry[] | undefined,
  context: Pick<PassContext, 'trace' | 'verify' | 'report'>,
): Graph => prepareFloat(source, entries, [prepareForIntegers, fitOpset17], context);
