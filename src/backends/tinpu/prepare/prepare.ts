import { cloneGraph } from '../../../ir/clone.js';
import { GraphEditor } from '../../../ir/editor.js';
import type { Graph } from '../../../ir/graph.js';
import { OPERATORS } from '../../../ir/ops/index.js';
import { rewrites, runPipeline, type PassContext, type Pipeline } from '../../../passes/pass.js';
import { canonicalise } from '../../../passes/pipelines/canonicalise.js';
import { fitOpset17 } from '../../../passes/pipelines/fit-opset-17.js';
import { rewriteSplitAsSlices } from '../../../passes/rules/rewrite-split-as-slices.js';
import type { SurgeryEntry } from '../../../passes/surgery/entry.js';
import { surgery } from '../../../passes/surgery/surgery.js';
import { FLOAT_KERNELS } from '../../../runtime/float/index.js';
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
export function prepareFloat(
  source: Graph,
  entries: readonly SurgeryEntry[] | undefined,
  context: Pick<PassContext, 'trace' | 'verify' | 'report'>,
): Graph {
  const { graph } = cloneGraph(source);
  const editor = new GraphEditor(graph);
  const pass: PassContext = { ...context, operators: OPERATORS, kernels: FLOAT_KERNELS };
  if (entries !== undefined) runPipeline(editor, surgery(entries), pass);
  runPipeline(editor, canonicalise({ keepInputAffine: true }), pass);
  runPipeline(editor, prepareForIntegers, pass);
  runPipeline(editor, fitOpset17, pass);
  return graph;
}
