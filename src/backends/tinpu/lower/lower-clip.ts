import type { Node, Value } from '../../../ir/graph.js';
import { any, maybe, op } from '../../../passes/pattern.js';
import { decline, rule, type Builder, type Decline, type Rule } from '../../../passes/rule.js';
import { roundHalfEven } from '../../../runtime/float/floats.js';
import { integersOf } from '../../quantisation.js';
import { boundsOf } from '../split/roles.js';

/**
 * Clip(q.Dequantize(x)) → q.Dequantize(q.Clip(x)) with the bounds in integers: of an activation that is also read without
 * its bounds (spec 1.5).
 */
export const lowerClip = (isInteger: (node: Node) => boolean): Rule =>
  rule({
    name: 'lower-clip',
    match: op('Clip', [op('q.Dequantize', [any('x')], { as: 'dequantize' }), maybe(any('min')), maybe(any('max'))], {
      as: 'clip',
    }),
    check: ({ clip }) => (isInteger(clip) ? undefined : decline('the bounds are kept in float', clip)),
    rewrite: ({ x, clip, dequantize }, to) => {
      const clipped = clipIntegers(to, x, clip, { heir: true });
      return 'declined' in clipped
        ? clipped
        : to.op('q.Dequantize', [clipped], dequantize.attrs, { part: 'dequantized', bare: true });
    },
  });

/**
 * q.Quantize(Clip(x)) → q.Clip(q.Quantize(x)) where saturation does not stand for the bounds (spec 1.2): the integers are
 * clipped by an operation of their own. Comes after the rule that lets saturation do it.
 */
export const spellOutClip: Rule = rule({
  name: 'spell-out-clip',
  match: op(
    'q.Quantize',
    [
      op(
        'Clip',
        [
          op(['Conv', 'ConvTranspose', 'Gemm', 'AveragePool', 'GlobalAveragePool', 'Add'], undefined, { as: 'layer' }),
          maybe(any('min')),
          maybe(any('max')),
        ],
        { as: 'clip' },
      ),
    ],
    { as: 'quantize' },
  ),
  rewrite: ({ layer, clip, quantize }, to) => {
    const [x] = layer.outputs;
    if (x === undefined) return decline('the layer has no result', layer);
    const { quantisation } = quantize.outputs[0]?.type ?? {};
    const integers = to.op('q.Quantize', [x], quantize.attrs, { quantisation, part: 'unbounded' });
    return clipIntegers(to, integers, clip, {});
  },
});

/** q.Clip with the bounds of a float Clip rounded to the scale of the integers. */
function clipIntegers(to: Builder, x: Value, clip: Node, result: { readonly heir?: boolean }): Value | Decline {
  const { quantisation } = x.type;
  const bounds = boundsOf(clip);
  if (quantisation === undefined || bounds === undefined) return decline('scale and bounds are not known', clip);
  const { lo, hi } = integersOf(quantisation);
  const clamp = (bound: number): number => Math.max(lo, Math.min(hi, roundHalfEven(bound / quantisation.scale)));
  const range = { lo: clamp(bounds.min), hi: clamp(bounds.max) };
  return to.op('q.Clip', [x], range, { quantisation, ...result });
}
