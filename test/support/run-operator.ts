import { Attributes, type AttributeInput } from '../../src/ir/attributes.js';
import type { DType } from '../../src/ir/dtype.js';
import { GraphEditor } from '../../src/ir/editor.js';
import {
  checkCall,
  type InferenceCall,
  type InputFacts,
  type Operator,
  type ResultFacts,
} from '../../src/ir/ops/operator.js';
import type { Dim } from '../../src/ir/shape.js';
import { Tensor } from '../../src/ir/tensor.js';
import type { Arena, Kernel, KernelTable } from '../../src/runtime/kernel.js';

export type AttributeInputs = Readonly<Record<string, AttributeInput>>;

/** Facts of an input: a shape alone, contents with it, or a constant. */
export interface Given {
  readonly dtype?: DType;
  readonly shape?: readonly Dim[];
  readonly contents?: readonly Dim[];
  readonly constant?: Tensor;
}

const factsOf = (given: Given | Tensor): InputFacts => {
  const constant = given instanceof Tensor ? given : given.constant;
  if (constant !== undefined) {
    const contents = constant.dtype === 'int64' || constant.dtype === 'int32' ? constant.toNumbers() : undefined;
    return { type: { dtype: constant.dtype, shape: constant.dims }, constant, contents };
  }
  const { dtype = 'float32', shape, contents } = given as Given;
  return { type: { dtype, shape: shape ?? [contents?.length ?? 0] }, constant: undefined, contents };
};

/** A known list of int64, given as contents or, for plain numbers, as the constant it would be. */
export const integers = (...values: Dim[]): Given => ({ dtype: 'int64', shape: [values.length], contents: values });

/** What the operator says of its results; fresh symbols are called ?1, ?2, … The first fault is thrown. */
export function infer(
  spec: Operator,
  inputs: readonly (Given | Tensor | undefined)[],
  attrs: AttributeInputs = {},
  outputCount = 1,
): readonly ResultFacts[] {
  let fresh = 0;
  const call: InferenceCall = {
    op: spec.name,
    attrs: Attributes.of(attrs),
    inputs: inputs.map((given) => given && factsOf(given)),
    outputCount,
    freshDim: () => `?${++fresh}`,
  };
  const [fault] = checkCall(spec, call);
  if (fault !== undefined) throw fault;
  return spec.infer(call);
}

/** An arena whose tensors start out full of rubbish. */
export const dirtyArena: Arena = {
  tensor: <D extends DType>(dtype: D, dims: readonly number[]) => {
    const tensor = Tensor.zeros(dtype, dims);
    new Uint8Array(tensor.data.buffer).fill(0xa5);
    return tensor;
  },
  scratch: (length) => new Float32Array(length).fill(NaN),
};

/** The same kernels, whatever the memory they are given held before. */
export const onDirtyMemory = (kernels: KernelTable): KernelTable =>
  new Map([...kernels].map(([name, kernel]) => [name, (node, inputs) => kernel(node, inputs, dirtyArena)]));

/** Runs the kernel on tensors that no inference has seen, as when they come out of another node. */
export function execute(
  spec: Operator,
  kernels: readonly (readonly [string, Kernel])[],
  inputs: readonly (Tensor | undefined)[],
  attrs: AttributeInputs = {},
  outputCount = 1,
): readonly Tensor[] {
  const kernel = new Map(kernels).get(spec.name);
  if (kernel === undefined) throw new Error(`no kernel of ${spec.name}`);
  const editor = GraphEditor.create('test');
  const node = editor.addNode({
    op: spec.name,
    inputs: inputs.map((tensor) => tensor && editor.addInput('x', { dtype: tensor.dtype, shape: tensor.dims })),
    outputs: Array.from({ length: outputCount }, () => ({ type: { dtype: 'float32', shape: [] } })),
    attrs: Attributes.of(attrs),
  });
  return kernel(node, inputs, dirtyArena);
}

/** As `execute`, after inference on the types and constants, and checks what that says of the results. */
export function run(
  spec: Operator,
  kernels: readonly (readonly [string, Kernel])[],
  inputs: readonly (Tensor | undefined)[],
  attrs: AttributeInputs = {},
  outputCount = 1,
): readonly Tensor[] {
  const results = infer(spec, inputs, attrs, outputCount);
  const tensors = execute(spec, kernels, inputs, attrs, outputCount);
  for (const [i, { type, contents }] of results.entries()) {
    const tensor = tensors[i];
    const fits =
      tensor?.dims.length === type.shape.length &&
      type.shape.every((dim, a) => typeof dim === 'string' || dim === tensor.dims[a]);
    if (!fits || tensor.dtype !== type.dtype) {
      throw new Error(
        `${spec.name} gives ${tensor?.dtype}[${tensor?.dims.join()}], inferred ${type.dtype}[${type.shape.join()}]`,
      );
    }
    if (contents !== undefined && tensor.toNumbers().join() !== contents.join()) {
      throw new Error(`${spec.name} gives ${tensor.toNumbers().join()}, inferred contents ${contents.join()}`);
    }
  }
  return tensors;
}
