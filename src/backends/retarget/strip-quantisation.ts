import { UserError, type Diagnostic } from '../../ir/diagnostics.js';
import { opName, type Graph, type Value } from '../../ir/graph.js';
import { cloneGraph } from '../../ir/clone.js';
import { GraphEditor } from '../../ir/editor.js';
import { OPERATORS } from '../../ir/ops/index.js';
import { foldConstants } from '../../passes/fold-constants.js';
import { labelOutputs } from '../../passes/label-outputs.js';
import type { PassContext } from '../../passes/pass.js';
import { removeDeadCode } from '../../passes/remove-dead-code.js';
import { FLOAT_KERNELS } from '../../runtime/float/index.js';
import { dataInputs } from '../split/data-inputs.js';
import { integerForm } from '../tinpu/split/integer-form.js';
import type { StrippedModel } from './stripped-model.js';
import { Stripper } from './stripper.js';
import type { TrainedGrid } from './trained-grid.js';

/** What says where weights come from; it is folded once that has been noted. */
const KEPT: ReadonlySet<string> = new Set(['DequantizeLinear']);

/**
 * Takes the quantisation out of a graph as imported: pairs of QuantizeLinear and DequantizeLinear, and operators on
 * integers, whose scales are constants. A quantisation that cuts off what is below 0 leaves a Clip, since it stands for the
 * activation function that a quantiser removed. The source graph stays as it is.
 * @throws UserError with every reason why the quantisation cannot be taken out
 */
export function stripQuantisation(
  source: Graph,
  context: Pick<PassContext, 'report'> & { file: string },
): StrippedModel {
  const { graph } = cloneGraph(source);
  const editor = new GraphEditor(graph);
  const pass: PassContext = { report: context.report, operators: OPERATORS, kernels: FLOAT_KERNELS };
  foldConstants({ except: KEPT }).run(editor, pass);
  const stripper = new Stripper(editor);
  const problems: Diagnostic[] = [];
  for (const node of [...graph.nodes]) {
    const fault = stripper.visit(node);
    if (fault === undefined) continue;
    const [origin] = node.origins;
    const { code, message, hint } = fault;
    problems.push({
      code,
      severity: 'error',
      message,
      at: {
        file: context.file,
        node: origin?.name ?? node.name,
        op: node.op,
        ...(origin && { nodeIndex: origin.index }),
      },
      hint,
    });
  }
  if (problems.length > 0) throw new UserError(problems);
  const outputs = stripper.realOutputs();
  removeDeadCode.run(editor, pass);
  labelOutputs('inner').run(editor, pass);
  const { grids, weights, inputs } = stripper;
  handOn(graph, grids);
  return { graph, grids: new Map([...grids].map(([{ name }, grid]) => [name, grid])), weights, inputs, outputs };
}

/** Operators that hand every element on; canonicalisation may drop them and give their label to what they read. */
const IDLE: ReadonlySet<string> = new Set(['Identity', 'Dropout', 'Cast']);

/** What movers make of a quantised tensor is on its grid as well. */
function handOn(graph: Graph, grids: Map<Value, TrainedGrid>): void {
  for (const node of graph.nodes) {
    const [source, ...others] = dataInputs(node);
    const [result] = node.outputs;
    const grid = source && grids.get(source);
    if (grid === undefined || result === undefined || others.length > 0 || grids.has(result)) continue;
    if (integerForm(node).kind === 'mover' || IDLE.has(opName(node))) grids.set(result, grid);
  }
}
