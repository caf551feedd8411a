import { cloneGraph } from '../../../ir/clone.js';
import { GraphEditor } from '../../../ir/editor.js';
import type { Graph } from '../../../ir/graph.js';
import { runPipeline, type PassContext } from '../../../passes/pass.js';
import type { Target } from '../../targets.js';
import { TINPU_KERNELS, TINPU_OPERATORS } from '../dialect.js';
import type { RuleSet } from '../placement/rules.js';
import { legalisation } from './pipeline.js';
import { reportChanges } from './report-changes.js';

/**
 * Brings more layers of a quantised graph to the NPU without changing the integers of any output (spec 3.3). Each layer
 * that changed is reported with what it was, what it is and what it costs. Targets without an NPU gain nothing, so their
 * graphs stay as they are. The graph given stays as it is.
 */
export function legaliseGraph(
  quantised: Graph,
  target: Target,
  rules: RuleSet,
  context: Pick<PassContext, 'trace' | 'verify' | 'report'>,
): Graph {
  if (target.accelerator !== 'npu') return quantised;
  const { graph } = cloneGraph(quantised);
  runPipeline(new GraphEditor(graph), legalisation(rules), {
    ...context,
    operators: TINPU_OPERATORS,
    kernels: TINPU_KERNELS,
  });
  for (const diagnostic of reportChanges(quantised, graph, target, rules)) context.report(diagnostic);
  return graph;
}
