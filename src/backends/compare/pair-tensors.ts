import { isConstant, opName, soleUser, valuesOf, type Graph, type Value } from '../../ir/graph.js';
import { isFloat } from '../../ir/dtype.js';
import { sizeOf } from '../../ir/shape.js';
import type { QuantisedTensor } from './quantised-tensor.js';

/** A tensor of the quantised model and the float tensor that it stands for. */
export interface TensorPair extends QuantisedTensor {
  readonly real: Value;
}

export interface Pairing {
  /** The float graph that the pairs are of. */
  readonly graph: Graph;
  /** In the order of the float graph. */
  readonly pairs: readonly TensorPair[];
}

/**
 * Finds the float tensors by label, in the one of several forms of the float graph that bears most of the labels, the first
 * among equals. Each float tensor has one partner: the first that claims it.
 */
export function pairTensors(forms: readonly Graph[], tensors: readonly QuantisedTensor[]): Pairing {
  const [first, ...others] = forms.map((graph) => ({ graph, pairs: pairsIn(graph, tensors) }));
  if (first === undefined) throw new RangeError('a float graph is needed');
  return others.reduce((best, form) => (form.pairs.length > best.pairs.length ? form : best), first);
}

function pairsIn(graph: Graph, tensors: readonly QuantisedTensor[]): TensorPair[] {
  const values = [...valuesOf(graph)].filter(
    (value) => value.name !== '' && !isConstant(value) && isFloat(value.type.dtype),
  );
  const byLabel = new Map(values.map((value) => [value.name, value]));
  const partners = new Map<Value, TensorPair>();
  for (const tensor of tensors) {
    const labelled = tensor.labels.map((label) => byLabel.get(label)).find((value) => value !== undefined);
    const real = labelled && rectified(graph, labelled, tensor);
    if (real === undefined || partners.has(real) || !sameSize(real, tensor.value)) continue;
    partners.set(real, { ...tensor, real });
  }
  return values.flatMap((value) => partners.get(value) ?? []);
}

/**
 * The tensor behind a Relu or Clip, which writers of quantised models leave out where the range of the integers begins at 0
 * and does the same.
 */
function rectified(graph: Graph, real: Value, { grid: { lo, zeroPoint } }: QuantisedTensor): Value {
  const user = lo === zeroPoint ? soleUser(graph, real) : undefined;
  const [result] = user !== undefined && RECTIFYING.has(opName(user)) && user.inputs[0] === real ? user.outputs : [];
  return result ?? real;
}

const RECTIFYING: ReadonlySet<string> = new Set(['Relu', 'Clip']);

/** Whether both have as many elements, as far as sizes are known. */
const sameSize = (a: Value, b: Value): boolean => knownSize(a) === knownSize(b);

const knownSize = ({ type: { shape } }: Value): number => sizeOf(shape.filter((dim) => typeof dim === 'number'));
