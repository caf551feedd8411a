import type { DType } from '../../src/ir/dtype.js';
import { codeOfDType } from '../../src/ir/onnx/data-type.js';
import { Tensor } from '../../src/ir/tensor.js';
import { modelBytes, type AttributeSpec } from './onnx-builder.js';
import { runInOrt } from './ort-session.js';
import type { AttributeInputs } from './run-operator.js';

function attributeSpec(value: AttributeInputs[string]): AttributeSpec {
  if (typeof value === 'number') return Number.isInteger(value) ? { int: value } : { float: value };
  if (typeof value === 'string') return { string: value };
  if (value instanceof Tensor) throw new Error('tensor attributes are not needed here');
  if ('float' in value) return { float: value.float };
  if ('floats' in value) return { floats: value.floats };
  return typeof value[0] === 'string' ? { strings: value.map(String) } : { ints: value.map(Number) };
}

/** Runs a single node in ONNX Runtime; `types` are those of its results. */
export async function runNodeInOrt(
  op: string,
  inputs: readonly (Tensor | undefined)[],
  attrs: AttributeInputs,
  types: readonly DType[],
  opset = 21,
): Promise<Tensor[]> {
  const given = inputs.flatMap((tensor, i) => (tensor === undefined ? [] : [{ name: `x${i}`, tensor }]));
  const outputs = types.map((dtype, i) => ({ name: `y${i}`, type: codeOfDType(dtype) }));
  const model = modelBytes({
    opset,
    inputs: given.map(({ name, tensor }) => ({ name, type: codeOfDType(tensor.dtype), shape: tensor.dims })),
    outputs,
    nodes: [
      {
        op,
        inputs: inputs.map((tensor, i) => (tensor === undefined ? '' : `x${i}`)),
        outputs: outputs.map(({ name }) => name),
        attributes: Object.entries(attrs).map(([name, value]) => [name, attributeSpec(value)] as const),
      },
    ],
  });
  const results = await runInOrt(model, new Map(given.map(({ name, tensor }) => [name, tensor])));
  return outputs.map(({ name }) => {
    const tensor = results.get(name);
    if (tensor === undefined) throw new Error(`ONNX Runtime gives no ${name}`);
    return tensor;
  });
}
