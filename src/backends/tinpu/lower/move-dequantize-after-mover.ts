import { isConstant, type Node, type Value } from '../../../ir/graph.js';
import { op } from '../../../passes/pattern.js';
import { decline, rule, type Rule } from '../../../passes/rule.js';
import { MOVERS } from '../../split/movers.js';

/**
 * Mover(q.Dequantize(x), …) → q.Dequantize(Mover(x, …)): moving elements and taking maxima commute with scaling when all
 * real operands have one scale (T12, T16 to T18, spec 1.5).
 */
export const moveDequantizeAfterMover = (isInteger: (node: Node) => boolean): Rule =>
  rule({
    name: 'move-dequantize-after-mover',
    match: op([...MOVERS], undefined, { as: 'mover' }),
    check: ({ mover }) => (isInteger(mover) ? undefined : decline('the elements are moved in float', mover)),
    rewrite: ({ mover }, to) => {
      const sources = mover.inputs.flatMap((input) => (input && dequantiseOf(input)) ?? []);
      const [first] = sources;
      if (first === undefined) return decline('no operand is dequantised', mover);
      const scale = first.attrs.float('scale');
      if (sources.some((source) => source.attrs.float('scale') !== scale)) {
        return decline('the operands have several scales', mover);
      }
      const real = mover.inputs.some(
        (input) => input?.type.dtype === 'float32' && dequantiseOf(input) === undefined && !isConstant(input),
      );
      if (real) return decline('an operand is not dequantised', mover);
      // What Pad fills with is 0, which it is in any type when left out.
      const inputs = mover.inputs.map((input, index) =>
        mover.op === 'Pad' && index === 2 ? undefined : ((input && dequantiseOf(input)?.inputs[0]) ?? input),
      );
      const quantisation = first.inputs[0]?.type.quantisation;
      const moved = to.op(mover.op, inputs, mover.attrs, { quantisation, heir: true });
      return to.op('q.Dequantize', [moved], first.attrs, { part: 'dequantized', bare: true });
    },
  });

const dequantiseOf = ({ producer }: Value): Node | undefined =>
  producer?.domain === 'q' && producer.op === 'Dequantize' ? producer : undefined;
