import type { Attributes } from '../../../ir/attributes.js';
import type { Value } from '../../../ir/graph.js';
import { Tensor } from '../../../ir/tensor.js';
import { decline, type Rule } from '../../../passes/rule.js';
import { constantTensor } from './evaluate.js';
import { activation } from './quantised-tensor.js';
import { boundAttributes, multiplierConstant, quantisedResult, resultOf, zeroConstant } from './quantisation-target.js';
import { readingRule } from './reading-rule.js';

const MEANS = ['AveragePool', 'GlobalAveragePool', 'ReduceMean'];

/** QuantizeLinear(Relu | Clip (AveragePool | GlobalAveragePool | ReduceMean of DequantizeLinear)) → qa.AveragePool, qa.ReduceMean. */
export const liftMean: Rule = readingRule({
  name: 'lift-mean',
  roots: ['QuantizeLinear'],
  read: (root) => {
    const result = quantisedResult(root);
    if ('declined' in result) return undefined;
    const node = result.source.producer;
    if (node?.domain !== '' || !MEANS.includes(node.op)) return undefined;
    const x = activation(node.inputs[0]);
    if (x === undefined) return undefined;
    const [, axesValue] = node.inputs;
    const axes = axesValue && constantTensor(axesValue)?.toNumbers();
    if (axesValue !== undefined && axes === undefined) return decline('the axes are computed', node);
    const isIdle =
      node.op === 'ReduceMean' && (axes ?? []).length === 0 && node.attrs.int('noop_with_empty_axes', 0) === 1;
    if (isIdle) return decline('nothing is reduced', node);
    return { node, x, axes, target: result.target, nodes: [node, ...result.nodes] };
  },
  rewrite: ({ node: { op, attrs }, x, axes, target }, to) => {
    const inputs: Value[] = [
      x.integers,
      zeroConstant(to, { dtype: x.integers.type.dtype, zero: x.zero }),
      multiplierConstant(to, [x.scale / target.scale]),
      zeroConstant(to, target),
    ];
    const bounds = boundAttributes(target);
    if (op === 'AveragePool') return to.op('qa.AveragePool', inputs, merged(attrs, bounds), resultOf(target));
    const given = axes !== undefined && axes.length > 0 ? axes : axesFrom(x.integers, 0);
    const over = op === 'GlobalAveragePool' ? axesFrom(x.integers, 2) : given;
    const keepdims = op === 'GlobalAveragePool' ? 1 : attrs.int('keepdims', 1);
    inputs.push(to.constant(Tensor.int64(over), 'axes'));
    return to.op('qa.ReduceMean', inputs, { keepdims, ...bounds }, resultOf(target));
  },
});

const merged = (attrs: Attributes, bounds: { readonly lo?: number; readonly hi?: number }): Attributes =>
  Object.entries(bounds).reduce((all, [name, value]) => all.with(name, value), attrs);

const axesFrom = ({ type: { shape } }: Value, first: number): number[] => shape.map((_, axis) => axis).slice(first);
