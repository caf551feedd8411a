import { soleUser, type Graph, type Node, type Value } from '../../../ir/graph.js';
import { ACTIVATION_TYPES } from '../../../ir/ops/quantised/facts.js';
import { op } from '../../../passes/pattern.js';
import { having } from '../../../passes/having.js';
import { decline, rule, type Rule } from '../../../passes/rule.js';
import { constantStep, type ConstantStep } from './affine-chain.js';
import { integersBehind } from './carried.js';
import { isPowerOfTwo, scalarOf } from './integer-constants.js';

/**
 * Mul(carried x, scale) → q.Dequantize (T19), or several factors in a row, among them a Div: all but one must be powers of
 * two, so that float32 rounds once.
 */
export const liftDequantize: Rule = rule({
  name: 'lift-dequantize',
  match: having(op(['Mul', 'Div'], undefined, { as: 'product' }), (node) =>
    constantStep(node) === undefined ? 'no factor is constant' : undefined,
  ),
  check: ({ product }, graph) =>
    isFactor(readerOf(product, graph)) ? decline('it is one factor of several', product) : undefined,
  rewrite: ({ product }, to) => {
    const factors: number[] = [];
    let at: Value | undefined = product.outputs[0];
    for (let step = stepOf(at); step !== undefined; step = stepOf(at)) {
      const factor = scalarOf(step.constant);
      if (factor === undefined) return decline('the scale is not one number', product);
      if (step.op === 'Div' && !isPowerOfTwo(factor)) return decline('a division rounds once more', product);
      factors.push(step.op === 'Mul' ? factor : 1 / factor);
      at = step.data;
    }
    const x = at && integersBehind(at);
    if (x === undefined) return decline('the tensor holds no integers of the quantised dialect', product);
    if (!ACTIVATION_TYPES.includes(x.type.dtype)) return decline(`${x.type.dtype} is no activation`, product);
    if (product.outputs[0]?.type.shape.length !== x.type.shape.length)
      return decline('the product has more axes', product);
    if (factors.filter((factor) => !isPowerOfTwo(factor)).length > 1)
      return decline('the factors round more than once', product);
    return to.op('q.Dequantize', [x], { scale: { float: factors.reduce((a, b) => a * b, 1) } });
  },
});

const stepOf = (value: Value | undefined): ConstantStep | undefined =>
  isFactor(value?.producer) ? constantStep(value.producer) : undefined;

/** Whether a node is a multiplication or division by a constant. */
const isFactor = (node: Node | undefined): node is Node =>
  node !== undefined && (node.op === 'Mul' || node.op === 'Div') && constantStep(node) !== undefined;

const readerOf = ({ outputs: [result] }: Node, graph: Graph): Node | undefined => result && soleUser(graph, result);
