import { CLIP, DROPOUT, PAD, TILE } from './bounds-to-inputs.js';
import { BROADCAST, GEMM, PRELU } from './broadcast.js';
import { CONSTANT } from './constant.js';
import { CONTRIB_RULES } from './contrib.js';
import type { Draft } from './draft.js';
import { CAST, CONCAT, CONSUMED_INPUTS, GLOBAL_LP_POOL, LP_POOL, RECURRENT, SCATTER, SELU } from './legacy.js';
import { LISTS_TO_INPUTS, SPLIT_COUNT, TOP_K } from './lists-to-inputs.js';
import { BATCH_NORMALIZATION, GROUP_NORMALIZATION } from './normalisation.js';
import { MAX_POOL, UNREAD_OUTPUTS } from './outputs.js';
import { GRID_SAMPLE, RESIZE_10, RESIZE_INPUTS, UPSAMPLE } from './resize.js';
import type { NormalRule } from './rule.js';
import { SOFTMAX } from './softmax.js';

/** In this order: a rule may rely on those before it. */
const RULES: readonly NormalRule[] = [
  CONSUMED_INPUTS,
  CONSTANT,
  BROADCAST,
  GEMM,
  PRELU,
  CAST,
  CONCAT,
  SELU,
  RECURRENT,
  LP_POOL,
  SCATTER,
  CLIP,
  PAD,
  DROPOUT,
  TILE,
  ...LISTS_TO_INPUTS,
  TOP_K,
  SPLIT_COUNT,
  BATCH_NORMALIZATION,
  GROUP_NORMALIZATION,
  MAX_POOL,
  UNREAD_OUTPUTS,
  UPSAMPLE,
  RESIZE_10,
  RESIZE_INPUTS,
  GRID_SAMPLE,
  SOFTMAX,
  GLOBAL_LP_POOL,
  ...CONTRIB_RULES,
];

/**
 * Brings a node of any opset into the newest form of its operator.
 * @returns what was changed, in a few words each.
 * @throws UnknownOperand when a rule needs the type of an unknown input; OperatorFault when there is no newest form.
 */
export function normalise(draft: Draft): string[] {
  const texts: string[] = [];
  for (const { ops, below, apply } of RULES) {
    if (below !== undefined && draft.opset >= below) continue;
    if (ops !== undefined && !ops.includes(draft.op)) continue;
    const text = apply(draft);
    if (text !== undefined) texts.push(text);
  }
  return texts;
}
