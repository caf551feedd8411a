import type { Rule } from '../../../passes/rule.js';
import type { RuleSet } from '../placement/rules.js';
import { buildConv } from './build.js';
import { convRule } from './conv-rule.js';

/** A stride along an axis with a single window, a dilation of a single tap → ones that the NPU takes. */
export const respellIdleWindow = (rules: RuleSet): Rule =>
  convRule('respell-idle-window', rules, (layer, { to: form }, to) =>
    buildConv(to, layer, form, { x: layer.x, weight: layer.weight.constant }),
  );
