import type { Diagnostic } from '../../ir/diagnostics.js';
import { mergeOrigins, type Node } from '../../ir/graph.js';
import { foldConstants } from '../fold-constants.js';
import { rewrites, type Pass, type Pipeline } from '../pass.js';
import type { Rule } from '../rule.js';
import { dropIdentity } from '../rules/drop-identity.js';
import type { SurgeryEntry } from './entry.js';

/**
 * Model surgery (spec 3.1, C16): replaces what the entries name, entry by entry in their order, and reports each
 * replacement as a warning with code `surgery`. It changes the function, so it stands before everything that keeps it:
 * before `canonicalise`, while chains are as exporters wrote them. A replacement is never replaced by its own entry.
 */
export const surgery = (entries: readonly SurgeryEntry[]): Pipeline => ({
  name: 'surgery',
  steps: [
    { pass: silent(foldConstants()), because: 'chains are known by their constants, which an exporter may compute' },
    {
      pass: rewrites('drop-identity', [dropIdentity]),
      because: 'an operator that changes nothing would stand within a chain',
    },
    ...entries.map((entry) => ({
      pass: replacing(entry),
      because: 'one entry is done before the next, as a chain holds operators that later entries replace',
    })),
  ],
});

/** What it would report is reported again where canonicalisation runs the same pass. */
const silent = ({ name, run }: Pass): Pass => ({
  name,
  run: (editor, context) => run(editor, { ...context, report: () => undefined }),
});

const replacing = (entry: SurgeryEntry): Pass => ({
  name: `surgery-${entry.name}`,
  run: (editor, context) => {
    const made = new WeakSet<Node>();
    const rules = entry.rules.map((rule) => reporting(rule, entry, made, context.report));
    rewrites(`surgery-${entry.name}`, rules).run(editor, context);
  },
});

/** The rule, which reports where it applies and leaves alone what it has made. */
const reporting = (
  rule: Rule,
  entry: SurgeryEntry,
  made: WeakSet<Node>,
  report: (diagnostic: Diagnostic) => void,
): Rule => ({
  ...rule,
  apply: (root, editor, operators) => {
    if (made.has(root)) {
      return { kind: 'mismatch', mismatch: { reason: 'it is a replacement itself', node: root, depth: 0 } };
    }
    const outcome = rule.apply(root, editor, operators);
    if (outcome.kind === 'applied') {
      for (const node of outcome.added) made.add(node);
      report(replacement(root, outcome.added, entry));
    }
    return outcome;
  },
});

/** The warning that names the source nodes of a replacement; its place is the last of them, whose result is replaced. */
function replacement(root: Node, added: readonly Node[], { name, by }: SurgeryEntry): Diagnostic {
  const origins = mergeOrigins([root, ...added]);
  const last = root.origins.at(-1);
  const found = origins.length > 1 ? `the chain ${origins.map(({ op }) => op).join(', ')}` : (last?.op ?? root.op);
  return {
    code: 'surgery',
    severity: 'warning',
    message: `${found} is replaced by ${by} (surgery ${name})`,
    at: { node: last?.name ?? root.name, op: last?.op ?? root.op, ...(last && { nodeIndex: last.index }) },
    hint: 'surgery changes the function; accuracy is measured against the model after it, so train the model with what stands in it now',
  };
}
