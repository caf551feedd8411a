import type { Target } from '../../targets.js';
import type { LayerShape, Pattern } from './layer.js';
import { placementRefusals, type RuleSet } from './rules.js';

export interface Placement {
  readonly unit: 'npu' | 'cpu';
  /** Why: the rule that refused the layer with the number that broke it, or what lets it run where it does. */
  readonly reason: string;
}

/** Layer kinds that CDE cores accelerate (spec 2.3). */
const CDE_PATTERNS: ReadonlySet<Pattern> = new Set(['GCONV', 'DWCONV', 'PWCONV', 'PWCONVRES', 'TCONV', 'FC']);

/**
 * Where a layer runs on a target (spec 2.2). A layer on the CPU keeps its integer arithmetic.
 * @param otherwise why a layer without a pattern is on the CPU
 */
export function place(layer: LayerShape, target: Target, rules: RuleSet, otherwise: string): Placement {
  if (layer.pattern === undefined) return { unit: 'cpu', reason: withoutPattern(layer, otherwise) };
  if (target.accelerator === 'none') return { unit: 'cpu', reason: `${target.name} has no NPU` };
  if (target.accelerator === 'cde') return { unit: 'cpu', reason: onCde(layer, layer.pattern) };
  const refusals = placementRefusals(layer, rules);
  if (refusals.length > 0) return { unit: 'cpu', reason: refusals.join('; ') };
  return { unit: 'npu', reason: `meets the ${rules} rules of ${layer.pattern}` };
}

/** CDE instructions multiply 8 by 8 bits. */
function onCde({ weightBits, activationBits = [], inputChannels }: LayerShape, pattern: Pattern): string {
  if (!CDE_PATTERNS.has(pattern)) return 'no NPU';
  if (pattern === 'GCONV' && inputChannels % 4 !== 0) {
    return `no NPU; ${inputChannels} input channels, CDE instructions take multiples of 4`;
  }
  const widths = [weightBits, ...activationBits];
  const odd = widths.find((bits) => bits !== 8);
  if (odd === undefined) return 'no NPU; CDE instructions';
  return `no NPU; ${weightBits === 8 ? 'activations' : 'weights'} of ${odd} bits, CDE instructions take 8`;
}

function withoutPattern({ groups, inputChannels, outputChannels }: LayerShape, otherwise: string): string {
  if (groups <= 1) return otherwise;
  const counts = `${groups} groups of ${inputChannels} to ${outputChannels} channels`;
  return `${counts}, accepted: 1 group, or depthwise (as many groups as input and output channels)`;
}
