import type { Target } from '../../targets.js';
import type { LayerShape } from './layer.js';
import { placementRefusals, type RuleSet } from './rules.js';

export interface Placement {
  readonly unit: 'npu' | 'cpu';
  /** Why: the rule that refused the layer with the number that broke it, or what lets it run where it does. */
  readonly reason: string;
}

/** Layer kinds that CDE cores accelerate (spec 2.3). */
const CDE_PATTERNS: ReadonlySet<string> = new Set(['GCONV', 'DWCONV', 'PWCONV', 'FC']);

/**
 * Where a layer runs on a target (spec 2.2). A layer on the CPU keeps its integer arithmetic.
 * @param what the layer as the report calls it, for layers without a pattern
 */
export function place(layer: LayerShape, target: Target, rules: RuleSet, what: string): Placement {
  if (layer.pattern === undefined) return { unit: 'cpu', reason: withoutPattern(layer, what) };
  if (target.accelerator === 'none') return { unit: 'cpu', reason: `${target.name} has no NPU` };
  if (target.accelerator === 'cde') {
    const accelerated = CDE_PATTERNS.has(layer.pattern) && layer.weightBits === 8;
    return { unit: 'cpu', reason: accelerated ? 'no NPU; CDE instructions' : 'no NPU' };
  }
  const refusals = placementRefusals(layer, rules);
  if (refusals.length > 0) return { unit: 'cpu', reason: refusals.join('; ') };
  return { unit: 'npu', reason: `meets the ${rules} rules of ${layer.pattern}` };
}

function withoutPattern({ groups, inputChannels, outputChannels }: LayerShape, what: string): string {
  if (groups <= 1) return `${what} runs on the CPU`;
  return `${groups} groups of ${inputChannels} to ${outputChannels} channels, only 1 or depthwise`;
}
