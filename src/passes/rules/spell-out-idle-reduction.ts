import { reductionAxes } from '../../ir/ops/reduce.js';
import type { Value } from '../../ir/graph.js';
import { callOf } from '../call-of.js';
import { having } from '../having.js';
import { op } from '../pattern.js';
import { decline, rule, type Builder, type Rule } from '../rule.js';

/** What a reduction makes of a single element. */
const OF_ONE: ReadonlyMap<string, (x: Value, to: Builder) => Value> = new Map<string, (x: Value, to: Builder) => Value>(
  [
    ...['ReduceMax', 'ReduceMean', 'ReduceMin', 'ReduceProd', 'ReduceSum', 'ReduceLogSumExp'].map(
      (name) => [name, (x: Value) => x] as const,
    ),
    ['ReduceL1', (x, to) => to.op('Abs', [x])],
    ['ReduceL2', (x, to) => to.op('Abs', [x])],
    ['ReduceLogSum', (x, to) => to.op('Log', [x])],
    ['ReduceSumSquare', (x, to) => to.op('Mul', [x, x])],
  ],
);

/**
 * A reduction over no axes (`noop_with_empty_axes`, of opset 18 but for ReduceSum) → what it makes of every element by
 * itself.
 */
export const spellOutIdleReduction: Rule = rule({
  name: 'spell-out-idle-reduction',
  match: having(op([...OF_ONE.keys()], undefined, { as: 'node' }), (node) =>
    reductionAxes(callOf(node))?.length === 0 ? undefined : 'it reduces along some axis',
  ),
  rewrite: ({ node }, to) => {
    const [x] = node.inputs;
    const ofOne = OF_ONE.get(node.op);
    return x === undefined || ofOne === undefined ? decline('it has no data', node) : ofOne(x, to);
  },
});
