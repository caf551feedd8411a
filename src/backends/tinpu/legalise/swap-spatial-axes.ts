import type { Value } from '../../../ir/graph.js';
import type { Builder, Rule } from '../../../passes/rule.js';
import type { RuleSet } from '../placement/rules.js';
import { buildConv, rearranged } from './build.js';
import { convRule } from './conv-rule.js';

/**
 * q.Conv over a map of one column or one row → the same over a row or a column: the limits of a kernel's height and width
 * differ (spec 2.2). The Transposes move no element in memory, as one of the axes is 1.
 */
export const swapSpatialAxes = (rules: RuleSet): Rule =>
  convRule('swap-spatial-axes', rules, (layer, { to: form }, to) => {
    const [outputs = 0, inputs = 0, height = 1, width = 1] = layer.weight.constant.dims;
    const weight = rearranged(
      layer.weight.constant,
      [outputs, inputs, width, height],
      ([o = 0, i = 0, y = 0, x = 0]) => ((o * inputs + i) * height + x) * width + y,
    );
    const swapped = swap(to, layer.x, 'input_swapped');
    return swap(to, buildConv(to, layer, form, { x: swapped, weight, part: 'swapped' }));
  });

function swap(to: Builder, value: Value, part?: string): Value {
  const { quantisation } = value.type;
  const result = part === undefined ? { quantisation, bare: true } : { quantisation, bare: true, part };
  return to.op('Transpose', [value], { perm: [0, 1, 3, 2] }, result);
}
