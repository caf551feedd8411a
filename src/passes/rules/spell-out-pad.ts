import type { Value } from '../../ir/graph.js';
import { axisPads } from '../../ir/ops/pad.js';
import { Tensor } from '../../ir/tensor.js';
import { callOf } from '../call-of.js';
import { having } from '../having.js';
import { op } from '../pattern.js';
import { decline, rule, type Rule } from '../rule.js';

/**
 * Pad in forms that opset 17 has: pads for every axis instead of those of its input axes (opset 18), and wrapping
 * (opset 19) as one Gather for each padded axis.
 */
export const spellOutPad: Rule = rule({
  name: 'spell-out-pad',
  match: having(op('Pad', undefined, { as: 'node' }), ({ inputs, attrs }) =>
    inputs[3] === undefined && attrs.string('mode', 'constant') !== 'wrap'
      ? 'it pads every axis, without wrapping'
      : undefined,
  ),
  rewrite: ({ node }, to) => {
    const [data, , value] = node.inputs;
    if (data === undefined) return decline('it has no data', node);
    const before: number[] = [];
    const after: number[] = [];
    for (const pads of axisPads(callOf(node))) {
      if (typeof pads?.before !== 'number' || typeof pads.after !== 'number') {
        return decline('the pads are computed by the model', node);
      }
      before.push(pads.before);
      after.push(pads.after);
    }
    if (node.attrs.string('mode', 'constant') !== 'wrap') {
      const pads = to.constant(Tensor.int64([...before, ...after]));
      return to.op('Pad', value === undefined ? [data, pads] : [data, pads, value], node.attrs);
    }
    let wrapped: Value = data;
    for (const [axis, count] of before.entries()) {
      const behind = after[axis] ?? 0;
      if (count === 0 && behind === 0) continue;
      const size = data.type.shape[axis];
      if (typeof size !== 'number') return decline('it wraps an axis of unknown size', node);
      const indices = to.constant(wrappedIndices(size, count, behind));
      wrapped = to.op('Gather', [wrapped, indices], { axis });
    }
    return wrapped;
  },
});

/** Which element each place along a wrapped axis holds; negative pads take elements away first. */
function wrappedIndices(size: number, before: number, after: number): Tensor {
  const first = Math.max(0, -before);
  const kept = size - first - Math.max(0, -after);
  const lead = Math.max(0, before);
  return Tensor.int64(
    Array.from({ length: size + before + after }, (_, i) => first + ((((i - lead) % kept) + kept) % kept)),
  );
}
