import { cloneGraph } from '../ir/clone.js';
import { GraphEditor } from '../ir/editor.js';
import type { Graph } from '../ir/graph.js';
import { OPERATORS } from '../ir/ops/index.js';
import { runPipeline, type PassContext, type Pipeline } from '../passes/pass.js';
import { canonicalise } from '../passes/pipelines/canonicalise.js';
import type { SurgeryEntry } from '../passes/surgery/entry.js';
import { surgery } from '../passes/surgery/surgery.js';
import { FLOAT_KERNELS } from '../runtime/float/index.js';

/** A copy of a float graph as imported, with the surgery asked for, canonical, and after the pipelines of a backend. */
export function prepareFloat(
  source: Graph,
  entries: readonly SurgeryEntry[] | undefined,
  pipelines: readonly Pipeline[],
  context: Pick<PassContext, 'trace' | 'verify' | 'report'>,
): Graph {
  const { graph } = cloneGraph(source);
  const editor = new GraphEditor(graph);
  const pass: PassContext = { ...context, operators: OPERATORS, kernels: FLOAT_KERNELS };
  if (entries !== undefined) runPipeline(editor, surgery(entries), pass);
  runPipeline(editor, canonicalise({ keepInputAffine: true }), pass);
  for (const pipeline of pipelines) runPipeline(editor, pipeline, pass);
  return graph;
}
