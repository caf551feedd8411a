import { soleUser, type Graph, type Node, type Value } from '../../../ir/graph.js';
import { broadcastShapes, isStatic, sameShape, sizeOf, type Shape } from '../../../ir/shape.js';
import type { Tensor } from '../../../ir/tensor.js';
import { having } from '../../../passes/having.js';
import { reinterpret, RESHAPING } from '../../../passes/layout/reinterpret.js';
import { op } from '../../../passes/pattern.js';
import { decline, rule, type Rule } from '../../../passes/rule.js';
import { constantStep } from './affine-chain.js';
import { condensed, spread } from './spread-constant.js';

const STEPS: ReadonlySet<string> = new Set(['Add', 'Sub', 'Mul', 'Div']);
const LAYERS: ReadonlySet<string> = new Set(['Conv', 'ConvTranspose', 'MatMul', 'Gemm']);
const MEANS: ReadonlySet<string> = new Set(['AveragePool', 'GlobalAveragePool', 'ReduceMean']);
const BOUNDS: ReadonlySet<string> = new Set(['Clip', 'Relu']);
const RESHAPES: ReadonlySet<string> = new Set(RESHAPING);

/** A constant is written out for every element of a sample to be reshaped. */
const MOST_ELEMENTS = 2 ** 22;

/**
 * A step of a requantisation, reading a Reshape, Squeeze, Unsqueeze or Flatten of the step or the layer before it → the
 * step, then the reshaping: sums are requantised as they come out of the layer (spec 1.2), whatever layout an exporter
 * has given them in between.
 */
export const sinkReshape: Rule = rule({
  name: 'sink-reshape',
  match: having(
    op(['Add', 'Sub', 'Mul', 'Div', 'Floor', 'Round', 'Clip', 'Relu'], undefined, { as: 'step' }),
    (step, graph) => {
      const reshape = dataOf(step)?.producer;
      const [shown] = reshape?.outputs ?? [];
      if (reshape?.domain !== '' || !RESHAPES.has(reshape.op)) return 'it reads no Reshape';
      if (shown === undefined || soleUser(graph, shown) === undefined) return 'the Reshape has other readers';
      return continues(step, reshape.inputs[0], graph) ? undefined : 'the Reshape is not inside a requantisation';
    },
  ),
  rewrite: ({ step }, to) => {
    const shown = dataOf(step);
    const x = shown?.producer?.inputs[0];
    const shape = step.outputs[0]?.type.shape;
    if (shown === undefined || x === undefined || shape === undefined) return decline('it reads no Reshape', step);
    if (!sameShape(shape, shown.type.shape)) return decline('the constant enlarges the tensor', step);
    const constant = constantStep(step)?.constant;
    const moved = constant && reshaped(constant.constant, shown.type.shape, x.type.shape);
    if (constant !== undefined && moved === undefined)
      return decline('the constant has no counterpart under the other shape', step);
    const inputs = step.inputs.map((input) => {
      if (input === shown) return x;
      return input === constant && moved !== undefined ? to.constant(moved, constant?.name) : input;
    });
    return (
      reinterpret(to, to.op(step.op, inputs, step.attrs, { heir: true }), shape) ??
      decline('the shape has sizes that no constant expresses', step)
    );
  },
});

const dataOf = (node: Node): Value | undefined => (STEPS.has(node.op) ? constantStep(node)?.data : node.inputs[0]);

/** Whether `source` is a part of the requantisation, or the input of the quantisation, that `step` is the next part of. */
function continues(step: Node, source: Value | undefined, graph: Graph): boolean {
  const before = source?.producer;
  if (before === undefined) return source !== undefined && graph.inputs.includes(source) && leadsToFloor(step, graph);
  if (before.domain !== '') return false;
  if (BOUNDS.has(step.op)) return before.op === 'Floor' || BOUNDS.has(before.op);
  if (MEANS.has(before.op)) return step.op === 'Mul' || step.op === 'Div';
  return LAYERS.has(before.op) || constantStep(before) !== undefined;
}

function leadsToFloor(step: Node, graph: Graph): boolean {
  let at: Node | undefined = step;
  while (at !== undefined && (constantStep(at) !== undefined || RESHAPES.has(at.op)))
    at = at.outputs[0] && soleUser(graph, at.outputs[0]);
  return at?.op === 'Floor';
}

/**
 * What a constant that broadcasts into `from` is under the shape `to` of the same elements; the first axis may be of any
 * size where it is the same in both. Undefined when the sizes are not known.
 */
function reshaped(constant: Tensor, from: Shape, to: Shape): Tensor | undefined {
  if (constant.size === 1) return constant.reshape([]);
  const [batch, ...rest] = from;
  const [own, ...others] = to;
  const lead = constant.rank === from.length ? (constant.dims[0] ?? 1) : 1;
  const rows = batch !== undefined && batch === own && lead === 1;
  const [source, target] = rows
    ? [
        [1, ...rest],
        [1, ...others],
      ]
    : [from, to];
  if (!isStatic(source) || !isStatic(target) || sizeOf(source) > MOST_ELEMENTS) return undefined;
  if (!sameShape(broadcastShapes(source, constant.dims) ?? [], source) || sizeOf(source) !== sizeOf(target))
    return undefined;
  return condensed(spread(constant, source).reshape(target));
}
