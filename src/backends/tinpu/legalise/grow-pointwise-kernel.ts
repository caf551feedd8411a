import type { Rule } from '../../../passes/rule.js';
import type { RuleSet } from '../placement/rules.js';
import { buildConv, extended } from './build.js';
import { convRule } from './conv-rule.js';

/** 1×1 q.Conv of one input channel → 2×1 with a zero tap, which is an FCONV (spec 2.1). */
export const growPointwiseKernel = (rules: RuleSet): Rule =>
  convRule('grow-pointwise-kernel', rules, (layer, { to: form }, to) => {
    const [outputs = 0, inputs = 0] = layer.weight.constant.dims;
    const weight = extended(layer.weight.constant, [outputs, inputs, ...form.shape.kernel]);
    return buildConv(to, layer, form, { x: layer.x, weight });
  });
