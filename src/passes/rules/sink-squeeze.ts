import { opReading } from '../layout/op-reading.js';
import { LAYOUT_FREE } from '../layout/relabel.js';
import { sinkLayout } from '../layout/sink.js';
import { rule, type Rule } from '../rule.js';

/**
 * op(Squeeze(a), Squeeze(b), constant) → Squeeze(op(a, b, constant')) for operators that do not care about the number
 * of axes: a Squeeze moves towards the results until an Unsqueeze or Reshape takes it up.
 */
export const sinkSqueeze: Rule = rule({
  name: 'sink-squeeze',
  match: opReading(LAYOUT_FREE, ['Squeeze'], 'a Squeeze'),
  rewrite: ({ node, producer }, to) => sinkLayout(node, producer, to),
});
