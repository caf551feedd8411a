import { opReading } from '../layout/op-reading.js';
import { LAYOUT_FREE } from '../layout/relabel.js';
import { sinkLayout } from '../layout/sink.js';
import { decline, rule, type Rule } from '../rule.js';

/** Those of [N, C, H, W]: with more, operators would leave the form that layers are brought into. */
const MOST_AXES = 4;

/**
 * op(Squeeze(a), Squeeze(b), constant) → Squeeze(op(a, b, constant')) for operators that do not care about the number
 * of axes: a Squeeze moves towards the results until an Unsqueeze or Reshape takes it up.
 */
export const sinkSqueeze: Rule = rule({
  name: 'sink-squeeze',
  match: opReading(LAYOUT_FREE, ['Squeeze'], 'a Squeeze'),
  check: ({ producer }) =>
    (producer.inputs[0]?.type.shape.length ?? 0) > MOST_AXES
      ? decline('layers have four axes at most', producer)
      : undefined,
  rewrite: ({ node, producer }, to) => sinkLayout(node, producer, to),
});
