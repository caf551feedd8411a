import { InternalError, type Diagnostic } from '../ir/diagnostics.js';
import type { GraphEditor } from '../ir/editor.js';
import type { OperatorTable } from '../ir/ops/table.js';
import { printGraph } from '../ir/text/print.js';
import { verifyGraph } from '../ir/verify.js';
import type { KernelTable } from '../runtime/kernel.js';
import { applyRules } from './driver.js';
import type { Rule } from './rule.js';
import type { Trace } from './trace.js';

/** What passes are given beside the graph. */
export interface PassContext {
  /** The dialect the graph is in after each pass; also what rewrites may build. */
  readonly operators: OperatorTable;
  /** Kernels that passes may evaluate constants with. */
  readonly kernels: KernelTable;
  /** Told what the user should know. */
  readonly report: (diagnostic: Diagnostic) => void;
  readonly trace?: Trace | undefined;
  /** Check the graph's invariants after every pass; a violation is an InternalError naming the pass. */
  readonly verify?: boolean | undefined;
}

/** One transformation of a whole graph. */
export interface Pass {
  readonly name: string;
  /** Changes the graph of the editor. */
  readonly run: (editor: GraphEditor, context: PassContext) => void;
}

/** A pass and why it stands where it stands in its pipeline. */
export interface Step {
  readonly pass: Pass;
  readonly because: string;
}

/** A list of passes, each with the reason for its place. */
export interface Pipeline {
  readonly name: string;
  readonly steps: readonly Step[];
}

/** A pass that applies rules to a fixpoint; it reports when the bound stops it first. */
export function rewrites(name: string, rules: readonly Rule[]): Pass {
  return {
    name,
    run: (editor, { operators, trace, report }) => {
      const { stopped, counts } = applyRules(editor, rules, { operators, trace });
      if (stopped === 'fixpoint') return;
      const busiest = [...counts].sort((a, b) => b[1] - a[1]).slice(0, 3);
      report({
        code: 'rewrite-limit',
        severity: 'warning',
        message: `pass ${name} stopped at its bound; most applied: ${busiest.map(([rule, n]) => `${rule} (${n})`).join(', ')}`,
        hint: 'the result is valid but not fully simplified; two of these rules probably undo each other: please report it',
      });
    },
  };
}

/** Runs the steps in order. */
export function runPipeline(editor: GraphEditor, pipeline: Pipeline, context: PassContext): void {
  for (const { pass } of pipeline.steps) {
    pass.run(editor, context);
    if (context.verify !== true) continue;
    const [violation] = verifyGraph(editor.graph, context.operators);
    if (violation !== undefined) {
      throw new InternalError(`after pass ${pass.name} the graph is invalid: ${violation.message}`, {
        pass: pass.name,
        pipeline: pipeline.name,
        graph: printGraph(editor.graph),
      });
    }
  }
}
