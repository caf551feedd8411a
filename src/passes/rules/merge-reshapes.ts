import { reinterpret, RESHAPING } from '../layout/reinterpret.js';
import { any, maybe, op } from '../pattern.js';
import { decline, rule, type Rule } from '../rule.js';

/** Reshape, Flatten, Squeeze or Unsqueeze of another of them → the plainest single one, or none when they cancel. */
export const mergeReshapes: Rule = rule({
  name: 'merge-reshapes',
  match: op(RESHAPING, [op(RESHAPING, undefined, { as: 'inner' }), maybe(any('shape'))], { as: 'outer' }),
  rewrite: ({ inner, outer }, to) => {
    const [x] = inner.inputs;
    const shape = outer.outputs[0]?.type.shape;
    const merged = x && shape && reinterpret(to, x, shape);
    return merged ?? decline('the shape has sizes that no constant expresses', outer);
  },
});
