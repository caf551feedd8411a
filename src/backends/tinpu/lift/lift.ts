import { GraphEditor } from '../../../ir/editor.js';
import { cloneGraph } from '../../../ir/clone.js';
import type { Graph } from '../../../ir/graph.js';
import { foldConstants } from '../../../passes/fold-constants.js';
import { rewrites, runPipeline, type Pipeline } from '../../../passes/pass.js';
import { removeDeadCode } from '../../../passes/remove-dead-code.js';
import { fixDynamicOperand } from '../../../passes/rules/fix-dynamic-operand.js';
import { foldPadIntoConv } from '../../../passes/rules/fold-pad-into-conv.js';
import { mergeReshapes } from '../../../passes/rules/merge-reshapes.js';
import { rewriteMaskAsClip } from '../../../passes/rules/rewrite-mask-as-clip.js';
import { rewriteMinMaxAsClip } from '../../../passes/rules/rewrite-min-max-as-clip.js';
import { rewriteSelectAsClip } from '../../../passes/rules/rewrite-select-as-clip.js';
import { spellOutWindow } from '../../../passes/rules/spell-out-window.js';
import { widenConv } from '../../../passes/rules/widen-conv.js';
import { widenPool } from '../../../passes/rules/widen-pool.js';
import type { Rule } from '../../../passes/rule.js';
import type { Trace } from '../../../passes/trace.js';
import { TINPU_KERNELS, TINPU_OPERATORS } from '../dialect.js';
import { condenseConstant } from './condense-constant.js';
import { liftConv, liftGemm, liftGlobalSum, liftMatMul, liftRound } from './lift-accumulator.js';
import { dropNoise } from './drop-noise.js';
import { fixDynamicReshape } from './fix-dynamic-reshape.js';
import { liftAdd, liftClippedAdd } from './lift-add.js';
import { liftCastPair } from './lift-cast.js';
import { liftClip, liftFreeClip } from './lift-clip.js';
import { liftDequantize, liftSplitDequantize } from './lift-dequantize.js';
import { liftMover } from './lift-mover.js';
import { liftRequantShift } from './lift-requant-shift.js';
import { liftBnorm, liftInputNorm } from './lift-requantisation.js';
import { liftWindowSum } from './lift-window-sum.js';
import { mergeBounds } from './merge-bounds.js';
import { mergeSums } from './merge-sums.js';
import { narrowWeights } from './narrow-weights.js';
import { sinkReshape } from './sink-reshape.js';
import { stateIntegerInputs } from './state-integer-inputs.js';

/** What an exporter may say in several ways is said in one. */
const RESTATING: readonly Rule[] = [
  dropNoise,
  fixDynamicOperand,
  fixDynamicReshape,
  condenseConstant,
  rewriteMinMaxAsClip,
  rewriteSelectAsClip,
  rewriteMaskAsClip,
  mergeBounds,
  spellOutWindow,
  widenConv,
  widenPool,
  foldPadIntoConv,
  mergeSums,
  sinkReshape,
  mergeReshapes,
];

/** The rules of lifting, beside that of dequantisation. */
const RULES: readonly Rule[] = [
  liftBnorm,
  liftInputNorm,
  liftConv,
  liftMatMul,
  liftGemm,
  liftGlobalSum,
  liftRound,
  liftWindowSum,
  liftCastPair,
  liftRequantShift,
  liftMover,
  liftAdd,
  liftClippedAdd,
  liftClip,
  liftFreeClip,
];

/** What an exporter wrote is restated in this order. */
const RESTATEMENT: Pipeline['steps'] = [
  { pass: removeDeadCode, because: 'what nothing needs reads tensors inside of layers all the same' },
  { pass: foldConstants(), because: 'an exporter may compute shapes, bounds and constants of layers in the graph' },
  {
    pass: rewrites('state-plainly', RESTATING),
    because: 'what stands between the parts of a layer, or states its window or bounds in other words, hides it',
  },
];

/** What lifting does, in this order. */
const lifting = (restates: boolean): Pipeline => ({
  name: 'lift',
  steps: [
    ...(restates ? RESTATEMENT : []),
    { pass: stateIntegerInputs, because: 'integers are followed from the inputs on' },
    {
      pass: rewrites('lift-integers', [...RULES, restates ? liftSplitDequantize : liftDequantize]),
      because: 'each rule works on what those before it have left carried',
    },
    { pass: narrowWeights, because: 'only how sums are requantised tells how wide weights were meant to be' },
  ],
});

export interface LiftOptions {
  readonly trace?: Trace | undefined;
  /**
   * Whether the graph is restated first, since it may say in other words what quantc itself writes; true. That costs
   * tensors of float arithmetic, and those that nothing reads, their labels.
   */
  readonly restates?: boolean;
}

/**
 * Recognises the integer arithmetic in a float32-carrier graph (spec 1.6) and states it in the quantised dialect; what is
 * not recognised stays as it is. The interface stays float32: outputs are the integers cast back. Integers have the
 * labels that the tensors have in the file.
 * @throws UserError when constants turn out not to fit the operator that reads them
 */
export function liftCarrier(graph: Graph, { trace, restates = true }: LiftOptions = {}): Graph {
  const { graph: lifted } = cloneGraph(graph);
  runPipeline(new GraphEditor(lifted), lifting(restates), {
    operators: TINPU_OPERATORS,
    kernels: TINPU_KERNELS,
    trace,
    report: () => undefined,
  });
  return lifted;
}
