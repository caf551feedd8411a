import { isIdentity, mapBack } from '../layout/axis-map.js';
import { startsAtInput } from '../layout/hoist.js';
import { LAYOUT_FREE } from '../layout/relabel.js';
import { passLayout } from '../layout/sink.js';
import { opReading } from '../layout/op-reading.js';
import { decline, rule, type Rule } from '../rule.js';

/**
 * op(Transpose(a), Transpose(b), constant) → Transpose(op(a, b, constant')) for operators that do not care about the
 * order of axes. Transposes move towards the results until a partner cancels them; the one that brings a graph input
 * into order stays there, unless the operator reduces what it moved.
 */
export const sinkTranspose: Rule = rule({
  name: 'sink-transpose',
  match: opReading(LAYOUT_FREE, ['Transpose'], 'a Transpose'),
  rewrite: ({ node, producer }, to) => {
    const [source] = producer.inputs;
    const belongsToInput = source !== undefined && startsAtInput(to.graph, source);
    const result = passLayout(node, producer, to);
    if ('declined' in result) return result;
    if (belongsToInput && !isIdentity(result.map)) return decline('the Transpose belongs to a graph input', producer);
    return mapBack(to, result.value, result.map, { standsFor: producer });
  },
});
