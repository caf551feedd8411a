import type { Rule } from '../../../passes/rule.js';
import type { RuleSet } from '../placement/rules.js';
import { buildConv, rearranged } from './build.js';
import { convRule } from './conv-rule.js';

/** q.Conv with rows or columns of zeros at the edges of its kernel → q.Conv without them, and with less padding. */
export const trimKernel = (rules: RuleSet): Rule =>
  convRule('trim-kernel', rules, (layer, { from, to: form }, to) => {
    const [outputs = 0, inputs = 0, height = 1, width = 1] = layer.weight.constant.dims;
    const [top, left] = [0, 1].map((side) => (from.zeroTaps[side] ?? 0) - (form.zeroTaps[side] ?? 0));
    const weight = rearranged(
      layer.weight.constant,
      [outputs, inputs, ...form.shape.kernel],
      ([o = 0, i = 0, y = 0, x = 0]) => ((o * inputs + i) * height + y + (top ?? 0)) * width + x + (left ?? 0),
    );
    return buildConv(to, layer, form, { x: layer.x, weight });
  });
