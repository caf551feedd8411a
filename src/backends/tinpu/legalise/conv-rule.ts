import type { ConstantValue, Graph, Node, Value } from '../../../ir/graph.js';
import { constant, any, op } from '../../../passes/pattern.js';
import { decline, rule, type Builder, type Decline, type Replacement, type Rule } from '../../../passes/rule.js';
import { placementRefusals, type RuleSet } from '../placement/rules.js';
import { formOf, type Form } from './form.js';
import { planFor } from './plan.js';
import { STEPS, type StepName } from './steps.js';
import { requantised, type BnormBindings } from './requantised.js';

/** A convolution and its requantisation. */
export interface ConvBindings extends BnormBindings {
  readonly x: Value;
  readonly weight: ConstantValue;
  readonly conv: Node;
}

/** Builds the same function in the form that the step gives. */
export type ConvRewrite = (
  layer: ConvBindings,
  forms: { readonly from: Form; readonly to: Form },
  to: Builder,
) => Replacement | Decline;

/**
 * A rule that takes a step of the shortest way of a layer to the NPU, and no other: layers that are there, and those that
 * no sequence of steps brings there, stay as they are (spec 3.3).
 */
export const convRule = (step: StepName, rules: RuleSet, rewrite: ConvRewrite): Rule => {
  const formsOf = (graph: Graph, bnorm: Node): { readonly from: Form; readonly to: Form } | Decline => {
    const from = formOf(graph, bnorm);
    if (from === undefined) return decline('no convolution of constant weights', bnorm);
    const plan = planFor(from, rules);
    if (plan === undefined) {
      const refusals = placementRefusals(from.shape, rules).join('; ');
      return decline(`no equal form meets the rules: ${refusals === '' ? 'grouped convolution' : refusals}`, bnorm);
    }
    const [next] = plan;
    const changed = STEPS[step](from);
    if (next === step && changed !== undefined) return { from, to: changed };
    return decline(next === undefined ? 'the layer meets the rules' : `${next} comes first`, bnorm);
  };
  return rule({
    name: step,
    match: requantised(op('q.Conv', [any('x'), constant('weight')], { as: 'conv', soleUse: true })),
    rewrite: (bindings, to) => {
      const forms = formsOf(to.graph, bindings.bnorm);
      return 'declined' in forms ? forms : rewrite(bindings, forms, to);
    },
  });
};
