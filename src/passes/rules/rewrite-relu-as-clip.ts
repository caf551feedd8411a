import { clipped } from '../bounds.js';
import { any, op } from '../pattern.js';
import { decline, rule, type Rule } from '../rule.js';

/** Relu(x) → Clip(x, 0). */
export const rewriteReluAsClip: Rule = rule({
  name: 'rewrite-relu-as-clip',
  match: op('Relu', [any('x')]),
  check: ({ x }) => (x.type.dtype === 'float32' ? undefined : decline(`the data are ${x.type.dtype}, not float32`)),
  rewrite: ({ x }, to) => clipped(to, x, { lo: 0, hi: Infinity }),
});
