import { isConstant, valuesOf, type Graph, type Value } from '../../ir/graph.js';
import { isFloat } from '../../ir/dtype.js';
import { Tensor } from '../../ir/tensor.js';
import type { GoldenVector, NamedTensor } from '../../runtime/vectors/golden-vector.js';
import type { OpenedModel } from '../run.js';
import { inputNormOf } from './input-norm-of.js';

/** The tensors of a graph that hold integers and are computed, beside outputs. */
export function integerValues(graph: Graph): Value[] {
  return [...valuesOf(graph)].filter(
    (value) => !isConstant(value) && value.producer !== undefined && value.name !== '' && !isFloat(value.type.dtype),
  );
}

/** The value whose integers an output carries; itself where it is no cast of integers. */
export function carriedBy(value: Value): Value {
  const { producer } = value;
  const [inner] = producer?.inputs ?? [];
  return producer?.op === 'Cast' && inner !== undefined && !isFloat(inner.type.dtype) && isFloat(value.type.dtype)
    ? inner
    : value;
}

/** Runs a model once and keeps what a golden vector tells: inputs, their integers, outputs, and integer tensors on request. */
export function recordVector(
  model: Pick<OpenedModel, 'graph' | 'run'>,
  feeds: ReadonlyMap<string, Tensor>,
  label: string,
  intermediates: boolean,
): GoldenVector {
  const { graph } = model;
  const norms = graph.inputs.map((input) => inputNormOf(graph, input)?.outputs[0]);
  const wanted = new Set<Value>(norms.filter((value) => value !== undefined));
  if (intermediates) for (const value of integerValues(graph)) wanted.add(value);
  const seen = new Map<Value, Tensor>();
  const results = model.run(feeds, {
    observe: (value, tensor) => {
      if (wanted.has(value)) seen.set(value, tensor.copy());
      return undefined;
    },
  });
  const named = (name: string, tensor: Tensor | undefined): NamedTensor[] => (tensor ? [{ name, tensor }] : []);
  return {
    label,
    inputs: graph.inputs.flatMap(({ name }) => named(name, feeds.get(name))),
    integers: graph.inputs.flatMap(({ name }, i) => named(name, norms[i] && seen.get(norms[i]))),
    outputs: graph.outputs.flatMap(({ name, value }) => {
      const tensor = results.get(name);
      const { dtype } = carriedBy(value).type;
      return named(name, tensor && withType(tensor, dtype));
    }),
    tensors: intermediates ? integerValues(graph).flatMap((value) => named(value.name, seen.get(value))) : [],
  };
}

/** Integers that floats carry in a type of their own. */
function withType(tensor: Tensor, dtype: Tensor['dtype']): Tensor {
  if (tensor.dtype === dtype) return tensor;
  const result = Tensor.zeros(dtype, tensor.dims);
  const { data } = result;
  if (data instanceof BigInt64Array || data instanceof BigUint64Array) return tensor;
  data.set(tensor.toNumbers());
  return result;
}
