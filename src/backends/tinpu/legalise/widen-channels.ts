import { decline, type Rule } from '../../../passes/rule.js';
import { isPool } from '../arithmetic/accumulators.js';
import type { RuleSet } from '../placement/rules.js';
import { buildConv, extended, firstChannels, padChannels, widenedList, widerSource } from './build.js';
import { convRule } from './conv-rule.js';

/**
 * q.Bnorm(q.Conv) → the same with zero weights for more channels, so that their numbers are multiples of 4. Input channels
 * come from the wider tensor that the input is a part of, or are zeros; of the output a Slice keeps what was there.
 */
export const widenChannels = (rules: RuleSet): Rule =>
  convRule('widen-channels', rules, (layer, { from, to: form }, to) => {
    const { weight, bias, scale, shift, conv } = layer;
    const { inputChannels, outputChannels, groups, kernel } = form.shape;
    const source = widerSource(layer.x);
    const fits = source?.type.shape[1] === inputChannels;
    if (isPool(conv) && !fits && inputChannels !== from.shape.inputChannels) {
      return decline('a copy with more channels costs as much as the pool', conv);
    }
    const x = fits
      ? source
      : inputChannels === from.shape.inputChannels
        ? layer.x
        : padChannels(to, layer.x, inputChannels);
    // A pool sums all its channels alike, also those that nothing reads.
    const wide = extended(weight.constant, [outputChannels, inputChannels / groups, ...kernel], isPool(conv) ? 1 : 0);
    if (outputChannels === from.shape.outputChannels) return buildConv(to, layer, form, { x, weight: wide });
    const list = [
      widenedList(to, bias, outputChannels, 0),
      widenedList(to, scale, outputChannels, 1),
      widenedList(to, shift, outputChannels, 0),
    ];
    return firstChannels(
      to,
      buildConv(to, layer, form, { x, weight: wide, list, part: 'widened' }),
      from.shape.outputChannels,
    );
  });
