import { Attributes } from '../../../ir/attributes.js';
import { integerRange } from '../../../ir/dtype.js';
import type { Node } from '../../../ir/graph.js';
import { decline, type Decline, type Rule } from '../../../passes/rule.js';
import type { Addend } from './bias.js';
import { buildLayer, type Report } from './build-layer.js';
import { constantTensor } from './evaluate.js';
import type { Layer } from './layer.js';
import type { Target } from './quantisation-target.js';
import { readingRule } from './reading-rule.js';

/** QLinearConv → qa.Conv, QLinearMatMul → qa.MatMul, and qa.Requantize. */
export const liftQLinear = (report: Report): Rule =>
  readingRule({
    name: 'lift-q-linear',
    roots: ['QLinearConv', 'QLinearMatMul'],
    read: (root) => {
      const found = readQLinear(root);
      return 'declined' in found ? found : { ...found, nodes: [] };
    },
    rewrite: ({ layer, target }, to) => buildLayer(layer, target, to, report),
  });

function readQLinear(node: Node): { readonly layer: Layer; readonly target: Target } | Decline {
  const numbers = (index: number): readonly number[] | undefined => {
    const input = node.inputs[index];
    return input && constantTensor(input)?.toNumbers();
  };
  const [xScale, xZero, wScale, wZero] = [numbers(1), numbers(2), numbers(4), numbers(5)];
  const [yScale, yZero, biasValue] = [numbers(6), numbers(7), numbers(8)];
  const [data, , , weights] = node.inputs;
  const [result] = node.outputs;
  if (data === undefined || weights === undefined || result === undefined)
    return decline('an operand is missing', node);
  if (!xScale || !xZero || !wScale || !wZero || !yScale || !yZero) return decline('a scale is computed', node);
  if (node.inputs[8] !== undefined && biasValue === undefined) return decline('the bias is computed', node);
  if (xScale.length !== 1 || xZero.length !== 1) return decline('the data have several scales', node);
  if ([data, weights].some(({ type }) => type.shape.length < 2)) return decline('an operand is no matrix', node);
  const scale = yScale[0] ?? 1;
  if (![...xScale, ...wScale, ...yScale].every((item) => item > 0)) return decline('a scale is not positive', node);
  const op = node.op === 'QLinearConv' ? 'Conv' : 'MatMul';
  const units = wScale.map((item) => (xScale[0] ?? 1) * item);
  const bias: Addend | undefined = biasValue && {
    dims: [biasValue.length, ...weights.type.shape.slice(2).map(() => 1)],
    values: biasValue,
    scales: units,
    quantised: true,
  };
  const { dtype } = result.type;
  return {
    layer: {
      node,
      nodes: [node],
      op,
      attrs: op === 'Conv' ? node.attrs : Attributes.none,
      x: data,
      xZero: xZero[0] ?? 0,
      w: weights,
      wZeros: wZero,
      units,
      bias,
      transposed: [],
    },
    target: { dtype, scale, zero: yZero[0] ?? 0, ...integerRange(dtype) },
  };
}
