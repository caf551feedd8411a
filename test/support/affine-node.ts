import { Attributes } from '../../src/ir/attributes.js';
import { GraphEditor } from '../../src/ir/editor.js';
import type { Tensor } from '../../src/ir/tensor.js';
import { prepare } from '../../src/runtime/executor.js';
import { AFFINE_KERNELS, AFFINE_OPERATORS } from '../../src/backends/affine/dialect.js';
import { infer, onDirtyMemory, type AttributeInputs } from './run-operator.js';

/** Runs one node of the affine dialect whose first `computed` inputs are no constants; types are those that inference says. */
export function runAffine(
  op: string,
  inputs: readonly (Tensor | undefined)[],
  attrs: AttributeInputs = {},
  computed = 1,
): Tensor {
  const spec = AFFINE_OPERATORS.get(op);
  if (spec === undefined) throw new Error(`no operator ${op}`);
  const facts = inputs.map((tensor, i) =>
    tensor && i < computed ? { dtype: tensor.dtype, shape: tensor.dims } : tensor,
  );
  const [result] = infer(spec, facts, attrs);
  if (result === undefined) throw new Error(`${op} has no result`);
  const editor = GraphEditor.create('test');
  const values = inputs.map((tensor, i) => {
    if (tensor === undefined) return undefined;
    return i < computed
      ? editor.addInput(`x${i}`, { dtype: tensor.dtype, shape: tensor.dims })
      : editor.constant(tensor);
  });
  const node = editor.addNode({
    op: spec.name,
    domain: spec.domain,
    inputs: values,
    outputs: [{ name: 'y', type: result.type }],
    attrs: Attributes.of(attrs),
  });
  const [y] = node.outputs;
  if (y !== undefined) editor.addOutput('y', y);
  const feeds = new Map(inputs.slice(0, computed).flatMap((tensor, i) => (tensor ? [[`x${i}`, tensor] as const] : [])));
  const output = prepare(editor.graph, onDirtyMemory(AFFINE_KERNELS)).run(feeds).get('y');
  if (output === undefined) throw new Error(`${op} gave nothing`);
  return output;
}
