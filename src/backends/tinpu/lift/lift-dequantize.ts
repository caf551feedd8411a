import { soleUser, type Graph, type Node, type Value } from '../../../ir/graph.js';
import { ACTIVATION_TYPES } from '../../../ir/ops/quantised/facts.js';
import { op } from '../../../passes/pattern.js';
import { having } from '../../../passes/having.js';
import { decline, rule, type Rule } from '../../../passes/rule.js';
import { constantStep, type ConstantStep } from './affine-chain.js';
import { integersBehind } from './carried.js';
import { isPowerOfTwo, scalarOf } from './integer-constants.js';

/** Mul(carried x, scale) → q.Dequantize (T19), or Div by a power of two. */
export const liftDequantize: Rule = dequantizing('lift-dequantize', 1);

/**
 * Likewise several factors in a row, among them a Div: all but one must be powers of two, so that float32 rounds once. What
 * is between them loses its label.
 */
export const liftSplitDequantize: Rule = dequantizing('lift-split-dequantize', Infinity);

/** @param most factors that are taken together */
function dequantizing(name: string, most: number): Rule {
  return rule({
    name,
    match: having(op(['Mul', 'Div'], undefined, { as: 'product' }), (node) =>
      constantStep(node) === undefined ? 'no factor is constant' : undefined,
    ),
    check: ({ product }, graph) =>
      most > 1 && isInside(product, graph) ? decline('it is one factor of several', product) : undefined,
    rewrite: ({ product }, to) => {
      const { data, scale } = factorsOf(product, most);
      const x = data && integersBehind(data);
      if (x === undefined) return decline('the tensor holds no integers of the quantised dialect', product);
      if (!ACTIVATION_TYPES.includes(x.type.dtype)) return decline(`${x.type.dtype} is no activation`, product);
      if (product.outputs[0]?.type.shape.length !== x.type.shape.length)
        return decline('the product has more axes', product);
      if (typeof scale === 'string') return decline(scale, product);
      return to.op('q.Dequantize', [x], { scale: { float: scale } });
    },
  });
}

interface Factors {
  /** What is multiplied. */
  readonly data: Value | undefined;
  /** The product of the factors, or why they are none. */
  readonly scale: number | string;
}

/** The constant factors that end at a node, up to `most` of them. */
function factorsOf(product: Node, most: number): Factors {
  const factors: number[] = [];
  let data = product.outputs[0];
  for (let step = stepOf(data); step !== undefined && factors.length < most; step = stepOf(data)) {
    const factor = scalarOf(step.constant);
    if (factor === undefined) return { data: step.data, scale: 'the scale is not one number' };
    if (step.op === 'Div' && !isPowerOfTwo(factor)) return { data: step.data, scale: 'a division rounds once more' };
    factors.push(step.op === 'Mul' ? factor : 1 / factor);
    data = step.data;
  }
  const rounds = factors.filter((factor) => !isPowerOfTwo(factor)).length > 1;
  return { data, scale: rounds ? 'the factors round more than once' : factors.reduce((a, b) => a * b, 1) };
}

/** Whether a node is a factor in front of others that it can be taken together with. */
function isInside(product: Node, graph: Graph): boolean {
  for (let reader = readerOf(product, graph); isFactor(reader); reader = readerOf(reader, graph)) {
    if (typeof factorsOf(reader, Infinity).scale === 'number') return true;
  }
  return false;
}

const stepOf = (value: Value | undefined): ConstantStep | undefined =>
  isFactor(value?.producer) ? constantStep(value.producer) : undefined;

/** Whether a node is a multiplication or division by a constant. */
const isFactor = (node: Node | undefined): node is Node =>
  node !== undefined && (node.op === 'Mul' || node.op === 'Div') && constantStep(node) !== undefined;

const readerOf = ({ outputs: [result] }: Node, graph: Graph): Node | undefined => result && soleUser(graph, result);
