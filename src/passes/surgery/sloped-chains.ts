import type { Node, Value } from '../../ir/graph.js';
import { numberData } from '../../ir/tensor.js';
import { comparisonOf, COMPARISONS } from '../comparison.js';
import { any, constant, EMPTY_MATCH, isMismatch, op, type NodePattern } from '../pattern.js';
import { decline, rule, type Decline, type Rule } from '../rule.js';
import { growth } from './growth.js';
import { relu } from './relu.js';

interface Sloped {
  readonly x: Value;
  readonly last: Node;
}

const chain = <B extends Sloped>(
  name: string,
  match: NodePattern<B>,
  check: (bindings: B) => Decline | undefined = () => undefined,
): Rule =>
  rule({
    name,
    match,
    check: (bindings) => {
      const reason = growth(bindings.x, bindings.last);
      return reason === undefined ? check(bindings) : decline(reason, bindings.last);
    },
    rewrite: ({ x }, to) => relu(to, x),
  });

const line = op('Mul', [any('x'), constant('slope')], { commutative: true, soleUse: true });

/** Max(x, α x), in which x is the larger above 0 when no α is above 1. */
export const replaceLargerOfLines: Rule = chain(
  'replace-larger-of-lines',
  op('Max', [any('x'), line], { commutative: true, as: 'last' }),
  ({ slope, last }) => {
    const isBelow = numberData(slope.constant)?.every((alpha) => alpha <= 1) === true;
    return isBelow ? undefined : decline('a slope is above 1, so it is that of the elements above 0', last);
  },
);

/** Where(x > 0, x, α x), and the same with the comparison, and perhaps the choice, the other way round. */
export const replaceLineBelow: Rule = rule({
  name: 'replace-line-below',
  match: op('Where', [op(COMPARISONS, undefined, { as: 'comparison', soleUse: true }), any('yes'), any('no')], {
    as: 'last',
  }),
  rewrite: ({ comparison, yes, no, last }, to) => {
    const compared = comparisonOf(comparison);
    if (compared?.limit !== 0) return decline('it does not compare with 0', comparison);
    const { x, isAbove } = compared;
    const [above, below] = isAbove ? [yes, no] : [no, yes];
    const read = line.match(below, to.graph, EMPTY_MATCH);
    if (above !== x || isMismatch(read) || read.bindings.get('x') !== x) {
      return decline('it does not choose between what it compares and a multiple of it', last);
    }
    const reason = growth(x, last);
    return reason === undefined ? relu(to, x) : decline(reason, last);
  },
});

const ramp = op('Relu', [any('x')], { soleUse: true });
const scaledRampBelow = op(
  'Mul',
  [constant('slope'), op('Relu', [op('Neg', [any('x')], { soleUse: true })], { soleUse: true })],
  { commutative: true, soleUse: true },
);

/** Relu(x) + α · Relu(-x), as Keras spells PReLU with -α. */
export const replaceRampSum: Rule = chain(
  'replace-ramp-sum',
  op('Add', [ramp, scaledRampBelow], { commutative: true, as: 'last' }),
);

/** Relu(x) - α · Relu(-x). */
export const replaceRampDifference: Rule = chain(
  'replace-ramp-difference',
  op('Sub', [ramp, scaledRampBelow], { as: 'last' }),
);
