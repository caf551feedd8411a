import { cloneGraph } from '../../ir/clone.js';
import { GraphEditor } from '../../ir/editor.js';
import type { Graph } from '../../ir/graph.js';
import { OPERATORS } from '../../ir/ops/index.js';
import { rewrites, runPipeline, type PassContext, type Pipeline } from '../../passes/pass.js';
import { canonicalise } from '../../passes/pipelines/canonicalise.js';
import { rewriteSplitAsSlices } from '../../passes/rules/rewrite-split-as-slices.js';
import type { SurgeryEntry } from '../../passes/surgery/entry.js';
import { surgery } from '../../passes/surgery/surgery.js';
import { FLOAT_KERNELS } from '../../runtime/float/index.js';

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

/** A copy of a float graph as imported, with the surgery asked for, in the form that is quantised (spec 3.4). */
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
  runPipeline(editor, prepareForQuantisation, pass);
  return graph;
}
