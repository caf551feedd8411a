import type { Diagnostic } from '../ir/diagnostics.js';
import { UserError } from '../ir/diagnostics.js';
import { bitsOf } from '../ir/dtype.js';
import type { GraphEditor } from '../ir/editor.js';
import { isConstant, isGraphOutput, opName, type ConstantValue, type Node, type Value } from '../ir/graph.js';
import { OperatorFault } from '../ir/ops/operator.js';
import { isStatic, sizeOf } from '../ir/shape.js';
import { Tensor } from '../ir/tensor.js';
import { ExecutionFault, type Kernel } from '../runtime/kernel.js';
import { LASTING_ARENA } from '../runtime/lasting-arena.js';
import { removeIfDead } from './driver.js';
import type { Pass, PassContext } from './pass.js';
import { refineResults } from './refine-results.js';

/** How much memory folded constants may take. */
export interface FoldConstantsOptions {
  /** Largest folded result in bytes; 64 MiB by default. */
  readonly limit?: number;
  /** Largest sum of all folded results in bytes; 1 GiB by default. */
  readonly total?: number;
  /** Operators that stay computed. */
  readonly except?: ReadonlySet<string>;
}

/**
 * Evaluates every node all of whose inputs are constants with the kernels, and replaces values whose integers are known
 * (`Value.contents`), such as Shape of a known shape. int64 arithmetic is exact. What this tells of the types of later
 * values is filled in on the way. Results beyond the limits stay computed and are reported.
 * @throws UserError when constants turn out not to fit the operator that reads them.
 */
export const foldConstants = ({
  limit = 2 ** 26,
  total = 2 ** 30,
  except = new Set(),
}: FoldConstantsOptions = {}): Pass => ({
  name: 'fold-constants',
  run: (editor, context) => {
    const changed = new Set<Value>();
    let spent = 0;
    for (const original of [...editor.graph.nodes]) {
      const node = refreshed(original, editor, context, changed);
      if (!isRead(node, editor)) continue;
      const inputs = except.has(opName(node)) ? undefined : constantInputs(node);
      const kernel = inputs && context.kernels.get(opName(node));
      if (inputs !== undefined && kernel !== undefined) {
        const bytes = resultBytes(node, inputs);
        if (bytes > limit || spent + bytes > total) {
          context.report(tooLarge(node, bytes, Math.min(limit, total - spent)));
          continue;
        }
        const results = evaluate(node, kernel, inputs);
        if (results instanceof ExecutionFault) {
          context.report({
            ...about(node),
            code: 'constant-not-folded',
            severity: 'warning',
            message: results.message,
          });
          continue;
        }
        spent += bytes;
        replaceResults(node, results, editor, changed);
      } else replaceResults(node, node.outputs.map(knownIntegers), editor, changed);
    }
  },
});

/** The node, or its successor with what its changed inputs tell of its results. */
function refreshed(node: Node, editor: GraphEditor, { operators }: PassContext, changed: Set<Value>): Node {
  if (!node.inputs.some((input) => input !== undefined && changed.has(input))) return node;
  try {
    const refined = refineResults(node, editor, operators);
    if (refined !== node) for (const output of refined.outputs) changed.add(output);
    return refined;
  } catch (error) {
    if (!(error instanceof OperatorFault)) throw error;
    const { code, message, hint } = error;
    throw new UserError({ ...about(node), code, severity: 'error', message, ...(hint !== undefined && { hint }) });
  }
}

const isRead = (node: Node, { graph }: GraphEditor): boolean =>
  node.outputs.some((output) => output.uses.size > 0 || isGraphOutput(graph, output));

/** The inputs' tensors, unless one of them is computed. */
function constantInputs({ inputs }: Node): (Tensor | undefined)[] | undefined {
  const complete = inputs.every(
    (input): input is ConstantValue | undefined => input === undefined || isConstant(input),
  );
  return complete ? inputs.map((input) => input?.constant) : undefined;
}

/** Bytes of the results. Where only the data decide, as for NonZero, at most one coordinate of each axis for each element. */
function resultBytes({ outputs }: Node, inputs: readonly (Tensor | undefined)[]): number {
  let bytes = 0;
  for (const { type } of outputs) {
    const count = isStatic(type.shape)
      ? sizeOf(type.shape)
      : inputs.reduce((sum, tensor) => sum + (tensor === undefined ? 0 : tensor.size * Math.max(1, tensor.rank)), 0);
    bytes += count * Math.ceil(bitsOf(type.dtype) / 8);
  }
  return bytes;
}

function evaluate(
  node: Node,
  kernel: Kernel,
  inputs: readonly (Tensor | undefined)[],
): readonly Tensor[] | ExecutionFault {
  try {
    return kernel(node, inputs, LASTING_ARENA);
  } catch (error) {
    if (error instanceof ExecutionFault) return error;
    throw error;
  }
}

/** An int64 or int32 result whose elements are all known; numbers beyond 2^53 may have been rounded and do not count. */
function knownIntegers({ contents, type: { dtype, shape } }: Value): Tensor | undefined {
  if (contents === undefined || (dtype !== 'int64' && dtype !== 'int32')) return undefined;
  const known = contents.filter((item) => Number.isSafeInteger(item)).map(Number);
  const dims = shape.length === 0 ? [] : [contents.length];
  if (known.length < contents.length || shape.length > 1) return undefined;
  return dtype === 'int64' ? Tensor.int64(known).reshape(dims) : new Tensor(dtype, dims, Int32Array.from(known));
}

function replaceResults(
  node: Node,
  results: readonly (Tensor | undefined)[],
  editor: GraphEditor,
  changed: Set<Value>,
): void {
  const replaced: [label: string, constant: Value][] = [];
  for (const [i, output] of node.outputs.entries()) {
    const tensor = results[i];
    if (tensor === undefined) continue;
    const constant = editor.constant(tensor, output.name, output.type.quantisation);
    editor.replaceAllUses(output, constant);
    changed.add(constant);
    replaced.push([output.name, constant]);
  }
  if (replaced.length === 0) return;
  removeIfDead(editor, node);
  for (const [label, constant] of replaced) if (label !== '') editor.rename(constant, label);
}

const about = ({ name, op, origins: [origin] }: Node): Pick<Diagnostic, 'at'> => ({
  at: { node: name, op, ...(origin !== undefined && { nodeIndex: origin.index }) },
});

const tooLarge = (node: Node, bytes: number, limit: number): Diagnostic => ({
  ...about(node),
  code: 'constant-not-folded',
  severity: 'warning',
  message: `${opName(node)} of constants gives ${bytes} bytes and stays computed; up to ${Math.max(limit, 0)} bytes are folded`,
});
