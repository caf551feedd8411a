import { isGraphOutput, type Graph, type Node, type Value } from '../../../ir/graph.js';
import { decline, type Decline, type Rule } from '../../../passes/rule.js';
import { movedInputs, MOVERS } from '../../split/movers.js';
import { constantTensor } from './evaluate.js';
import { moveIntegers, moverObstacle } from './move-integers.js';
import { activation, quantisedTensor, type QuantisedTensor } from './quantised-tensor.js';
import { scalar } from './quantisation-target.js';
import { readingRule } from './reading-rule.js';

/**
 * A mover of tensors dequantised from one scale → the mover on integers, dequantised behind it, so that layers further on
 * find their integers. A mover whose result is quantised at once is left to that. Transposed weights keep the scales of
 * their channels.
 */
export const sinkDequantize: Rule = readingRule({
  name: 'sink-dequantize',
  roots: [...MOVERS],
  read: (mover, graph) => {
    if (isQuantisedAtOnce(mover, graph)) return undefined;
    const first = commonTensor(mover);
    if (first === undefined || 'declined' in first) return first;
    return moverObstacle(mover) ?? { mover, first, nodes: [] };
  },
  rewrite: ({ mover, first: { integers, node, zeros, axis } }, to) => {
    const { dtype } = integers.type;
    const result = { part: 'integers' };
    const moved = moveIntegers(
      mover,
      to,
      dtype,
      zeros[0] ?? 0,
      (value) => integersBehind(value) ?? to.constant(scalar(dtype, zeros[0] ?? 0), 'padding'),
      result,
    );
    const perm = mover.attrs.ints('perm', integers.type.shape.map((_, i) => i).toReversed());
    const attrs = axis === undefined ? node.attrs : node.attrs.with('axis', perm.indexOf(axis));
    return to.op('DequantizeLinear', [moved, ...node.inputs.slice(1)], attrs, { standsFor: mover });
  },
});

function integersBehind(value: Value): Value | undefined {
  const tensor = quantisedTensor(value);
  return tensor === undefined || 'declined' in tensor ? undefined : tensor.integers;
}

/** The first tensor that is moved, when all have its type, scale and zero point. */
function commonTensor(mover: Node): QuantisedTensor | Decline | undefined {
  const [data, ...others] = movedInputs(mover);
  const first = quantisedTensor(data);
  if (first === undefined || 'declined' in first) return first;
  if (mover.op === 'Pad') {
    const [value] = others;
    const isZero = value === undefined || constantTensor(value)?.toNumbers()[0] === 0;
    return isZero ? first : decline('the padding is not 0', mover);
  }
  if (first.axis !== undefined) {
    return mover.op === 'Transpose' ? first : decline('the tensor has several scales', mover);
  }
  const isOne = others.every((other) => {
    const tensor = activation(other);
    const isSame = tensor?.scale === first.scales[0] && tensor?.zero === first.zeros[0];
    return isSame && tensor?.integers.type.dtype === first.integers.type.dtype;
  });
  return isOne ? first : decline('the tensors have several scales', mover);
}

/** Whether every reader of a node's result is a QuantizeLinear. */
function isQuantisedAtOnce({ outputs: [result] }: Node, graph: Graph): boolean {
  if (result === undefined || result.uses.size === 0 || isGraphOutput(graph, result)) return false;
  return [...result.uses].every(({ node: { op, domain } }) => op === 'QuantizeLinear' && domain === '');
}
