import type { Node, Value } from '../../../ir/graph.js';
import { UNARY_OPERATORS } from '../../../ir/ops/unary.js';
import type { Tensor } from '../../../ir/tensor.js';
import { decline, type Builder, type Decline, type Rule } from '../../../passes/rule.js';
import { isMover } from '../../split/movers.js';
import { constantTensor, runNode } from './evaluate.js';
import { activation, type QuantisedTensor, type Scalar } from './quantised-tensor.js';
import { resultOf, targetOf, type Target } from './quantisation-target.js';
import { readingRule } from './reading-rule.js';
import { tableFor } from './table-for.js';

/** Operators that map every element by itself. */
const ELEMENTWISE: ReadonlySet<string> = new Set([
  ...UNARY_OPERATORS.map(({ name }) => name),
  ...['Add', 'Sub', 'Mul', 'Div', 'Pow', 'Mod', 'Max', 'Min', 'Clip', 'PRelu', 'Where', 'Identity'],
  ...['Less', 'LessOrEqual', 'Greater', 'GreaterOrEqual', 'Equal', 'And', 'Or', 'Xor'],
]);

/** A function spelt out in more nodes than this stays in float. */
const MOST_NODES = 32;

/** Elementwise nodes between one dequantised tensor and a quantisation, each after those that it reads. */
interface ElementFunction {
  readonly x: QuantisedTensor & Scalar;
  readonly chain: readonly Node[];
  /** Scalars that the nodes read. */
  readonly constants: ReadonlyMap<Value, Tensor>;
}

function readFunction(root: Node): ElementFunction | Decline | undefined {
  const chain: Node[] = [];
  const constants = new Map<Value, Tensor>();
  const done = new Set<Value>();
  let x: (QuantisedTensor & Scalar) | undefined;
  let refusal: Decline | undefined;
  let entered = 0;
  const visit = (value: Value): boolean => {
    if (done.has(value)) return true;
    done.add(value);
    const constant = constantTensor(value);
    if (constant !== undefined) {
      constants.set(value, constant);
      return constant.size === 1;
    }
    const leaf = activation(value);
    if (leaf !== undefined) {
      if (x !== undefined && x.node !== leaf.node && !sameTensor(x, leaf))
        refusal = decline('it reads two tensors', root);
      x ??= leaf;
      return refusal === undefined;
    }
    const node = value.producer;
    if (node?.domain !== '' || !ELEMENTWISE.has(node.op) || node.outputs.length !== 1) return false;
    if (++entered > MOST_NODES || !node.inputs.every((input) => input === undefined || visit(input))) return false;
    chain.push(node);
    return true;
  };
  const [source] = root.inputs;
  const isFunction = source !== undefined && visit(source);
  if (!isFunction) return refusal;
  return x && { x, chain, constants };
}

const sameTensor = (a: QuantisedTensor & Scalar, b: QuantisedTensor & Scalar): boolean =>
  a.integers === b.integers && a.scale === b.scale && a.zero === b.zero;

/**
 * QuantizeLinear(elementwise operators of one DequantizeLinear and of scalars) → qa.Table, computed once by the float
 * operators themselves for every integer; without operators between them it is a change of scale, and where that changes
 * nothing either, the integers themselves.
 */
export const liftFunction: Rule = readingRule({
  name: 'lift-function',
  roots: ['QuantizeLinear'],
  read: (root) => {
    const found = readFunction(root);
    if (found === undefined || 'declined' in found) return found;
    const target = targetOf(root);
    if ('declined' in target) return target;
    const rank = root.outputs[0]?.type.shape.length;
    if (rank !== found.x.integers.type.shape.length) return decline('the constants add axes', root);
    return { ...found, target, nodes: found.chain };
  },
  rewrite: ({ x, chain, constants, target }, to, root) => {
    const { integers, scale, zero } = x;
    const { dtype } = integers.type;
    if (chain.length === 0 && dtype === target.dtype && scale === target.scale && zero === target.zero) {
      return relabelled(x, to, target);
    }
    const entries = tableOf(x, chain, constants, root);
    if (entries === undefined) return decline('the function cannot be computed beforehand', root);
    return to.op('qa.Table', [integers, to.constant(entries, 'table')], {}, resultOf(target));
  },
});

/** The integers themselves; those that a mover gives to this reader alone are moved under the label of the root. */
function relabelled({ integers, node }: QuantisedTensor, to: Builder, target: Target): Value {
  const { producer } = integers;
  const isOnlyReader = integers.uses.size === 1 && node.outputs[0]?.uses.size === 1;
  if (producer === undefined || !isOnlyReader || !isMover(producer) || producer.outputs.length > 1) return integers;
  return to.op(producer.op, producer.inputs, producer.attrs, resultOf(target));
}

function tableOf(
  { integers, node }: QuantisedTensor,
  chain: readonly Node[],
  constants: ReadonlyMap<Value, Tensor>,
  root: Node,
): Tensor | undefined {
  const known = new Map<Value, Tensor>(constants);
  const run = (step: Node, first?: Tensor): Tensor | undefined => {
    const inputs = step.inputs.map((input, i) => {
      if (i === 0 && first !== undefined) return first;
      return input && (known.get(input) ?? constantTensor(input) ?? known.get(leaf));
    });
    return runNode(step, inputs)?.[0];
  };
  const [leaf] = node.outputs as [Value];
  const reals = run(
    node,
    tableFor(integers.type.dtype, integers.type.dtype, (i) => i),
  );
  if (reals === undefined) return undefined;
  known.set(leaf, reals);
  for (const step of chain) {
    const result = run(step);
    if (result === undefined) return undefined;
    for (const output of step.outputs) known.set(output, result);
  }
  const result = run(root);
  return result?.reshape([result.size]);
}
