import { windowAttributes } from '../../ir/ops/window.js';
import { spatialPads } from '../layout/spatial-pads.js';
import { isDecline } from '../linear/fold.js';
import { any, maybe, op } from '../pattern.js';
import { decline, rule, type Rule } from '../rule.js';

/** Conv(Pad(x)) with zeros added along spatial axes → Conv(x) with longer pads. */
export const foldPadIntoConv: Rule = rule({
  name: 'fold-pad-into-conv',
  match: op('Conv', [op('Pad', undefined, { as: 'pad' }), any('weight'), maybe(any('bias'))], { as: 'conv' }),
  rewrite: ({ conv, pad }, to) => {
    const [x] = pad.inputs;
    const added = spatialPads(pad);
    if (isDecline(added)) return added;
    if (x === undefined || added.value !== 0) return decline(`the Pad adds ${added.value}, Conv pads with 0`, pad);
    const { padsBegin, padsEnd, autoPad } = windowAttributes(conv, added.begin.length);
    if (autoPad.startsWith('SAME')) return decline('auto_pad depends on the padded size', conv);
    const begin = padsBegin.map((size, axis) => size + (added.begin[axis] ?? 0));
    const end = padsEnd.map((size, axis) => size + (added.end[axis] ?? 0));
    return to.op('Conv', [x, ...conv.inputs.slice(1)], conv.attrs.without('auto_pad').with('pads', [...begin, ...end]));
  },
});
