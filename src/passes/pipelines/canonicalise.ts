import { foldConstants } from '../fold-constants.js';
import { labelOutputs } from '../label-outputs.js';
import { rewrites, type Pipeline } from '../pass.js';
import { removeDeadCode } from '../remove-dead-code.js';
import type { Rule } from '../rule.js';
import { composeTransposes } from '../rules/compose-transposes.js';
import { dropIdentity } from '../rules/drop-identity.js';
import { dropIdlePool } from '../rules/drop-idle-pool.js';
import { dropNeutralArithmetic } from '../rules/drop-neutral-arithmetic.js';
import { dropUnchangingOp } from '../rules/drop-unchanging-op.js';
import { fixDynamicOperand } from '../rules/fix-dynamic-operand.js';
import { foldAffineIntoNext } from '../rules/fold-affine-into-next.js';
import { foldArithmeticIntoLayer } from '../rules/fold-arithmetic-into-layer.js';
import { foldBatchnormIntoLayer } from '../rules/fold-batchnorm-into-layer.js';
import { foldPadIntoConv } from '../rules/fold-pad-into-conv.js';
import { foldPadIntoPool } from '../rules/fold-pad-into-pool.js';
import { foldTransposeIntoGemmResult } from '../rules/fold-transpose-into-gemm-result.js';
import { foldTransposeIntoGemm } from '../rules/fold-transpose-into-gemm.js';
import { hoistClip } from '../rules/hoist-clip.js';
import { hoistTranspose } from '../rules/hoist-transpose.js';
import { hoistUnsqueeze } from '../rules/hoist-unsqueeze.js';
import { mergeBatchnorms } from '../rules/merge-batchnorms.js';
import { mergeClips } from '../rules/merge-clips.js';
import { mergeReshapes } from '../rules/merge-reshapes.js';
import { moveTransposeBeforeReshape } from '../rules/move-transpose-before-reshape.js';
import { narrowWindow } from '../rules/narrow-window.js';
import { normaliseGemm } from '../rules/normalise-gemm.js';
import { reshapeUnitTranspose } from '../rules/reshape-unit-transpose.js';
import { rewriteAffineAsBatchnorm } from '../rules/rewrite-affine-as-batchnorm.js';
import { rewriteAveragePoolAsGlobalPool } from '../rules/rewrite-average-pool-as-global-pool.js';
import { rewriteMaskAsClip } from '../rules/rewrite-mask-as-clip.js';
import { rewriteBatchedMatmulAsGemm } from '../rules/rewrite-batched-matmul-as-gemm.js';
import { rewriteMatmulAsGemm } from '../rules/rewrite-matmul-as-gemm.js';
import { rewriteMaxAsPool } from '../rules/rewrite-max-as-pool.js';
import { rewriteMeanAsGlobalPool } from '../rules/rewrite-mean-as-global-pool.js';
import { rewriteMinMaxAsClip } from '../rules/rewrite-min-max-as-clip.js';
import { rewriteReluAsClip } from '../rules/rewrite-relu-as-clip.js';
import { rewriteSelectAsClip } from '../rules/rewrite-select-as-clip.js';
import { rewriteSlopeAsClip } from '../rules/rewrite-slope-as-clip.js';
import { rewriteSumAsAdd } from '../rules/rewrite-sum-as-add.js';
import { rewriteSumAsGlobalPool } from '../rules/rewrite-sum-as-global-pool.js';
import { shareEqualLayouts } from '../rules/share-equal-layouts.js';
import { simplifyClip } from '../rules/simplify-clip.js';
import { simplifyReshape } from '../rules/simplify-reshape.js';
import { sinkSqueeze } from '../rules/sink-squeeze.js';
import { sinkTranspose } from '../rules/sink-transpose.js';
import { spellOutWindow } from '../rules/spell-out-window.js';
import { widenBatchNorm } from '../rules/widen-batch-norm.js';
import { widenConv } from '../rules/widen-conv.js';
import { widenPool } from '../rules/widen-pool.js';

/** What canonical form is wanted. */
export interface CanonicaliseOptions {
  /** Leave scaling and shifting of a graph input as a BatchNormalization, so that it can become part of how it is quantised. */
  readonly keepInputAffine: boolean;
}

/** What does nothing goes, and what can be said in several ways is said in one. */
const PLAIN: readonly Rule[] = [
  dropIdentity,
  dropUnchangingOp,
  dropNeutralArithmetic,
  fixDynamicOperand,
  rewriteSumAsAdd,
  spellOutWindow,
  simplifyReshape,
  mergeReshapes,
];

const ACTIVATIONS: readonly Rule[] = [
  rewriteReluAsClip,
  rewriteSlopeAsClip,
  rewriteMinMaxAsClip,
  rewriteSelectAsClip,
  rewriteMaskAsClip,
  simplifyClip,
  mergeClips,
];

/** Cancelling comes before moving, so that what meets never parts again. */
const LAYOUTS: readonly Rule[] = [
  composeTransposes,
  reshapeUnitTranspose,
  shareEqualLayouts,
  moveTransposeBeforeReshape,
  widenConv,
  widenPool,
  widenBatchNorm,
  narrowWindow,
  sinkTranspose,
  hoistTranspose,
  sinkSqueeze,
  hoistUnsqueeze,
];

const POOLS: readonly Rule[] = [
  rewriteMeanAsGlobalPool,
  rewriteSumAsGlobalPool,
  rewriteMaxAsPool,
  rewriteAveragePoolAsGlobalPool,
  dropIdlePool,
];

/** Products become Gemm before arithmetic folds, which looks for layers and for what stands between. */
const LAYERS: readonly Rule[] = [
  rewriteMatmulAsGemm,
  rewriteBatchedMatmulAsGemm,
  normaliseGemm,
  foldTransposeIntoGemm,
  foldTransposeIntoGemmResult,
  foldPadIntoConv,
  foldPadIntoPool,
  foldBatchnormIntoLayer,
  foldArithmeticIntoLayer,
  hoistClip,
];

/**
 * Canonicalisation (spec 3.1, C1 to C15): the same float function in the forms that every backend reads. Convolutions
 * and pools are two-dimensional with their windows spelt out, fully connected layers are Gemm without attributes,
 * activations with bounds are one Clip behind what computes them, global means are GlobalAveragePool, stand-alone
 * scaling and shifting is BatchNormalization, [N, everything] is `Flatten {axis = 1}`.
 */
export function canonicalise({ keepInputAffine }: CanonicaliseOptions): Pipeline {
  const foldForward = [foldAffineIntoNext({ keepAtInput: keepInputAffine }), mergeBatchnorms];
  const affine = [rewriteAffineAsBatchnorm, ...foldForward];
  return {
    name: 'canonicalise',
    steps: [
      {
        pass: foldConstants(),
        because: 'every rule below looks for constants: shapes, axes, bounds and weights that an exporter computes',
      },
      {
        pass: rewrites('state-plainly', PLAIN),
        because:
          'an operator that changes nothing would stand between two that belong together, and defaults have one spelling from here on',
      },
      {
        pass: rewrites('unify-activations', [...PLAIN, ...ACTIVATIONS]),
        because: 'a chain like Where(x > 0, x, 0) reads x several times, which would keep layouts from passing it',
      },
      {
        pass: rewrites('settle-layouts', [...PLAIN, ...ACTIVATIONS, ...LAYOUTS]),
        because:
          'constants and reductions of channels-last or one-dimensional data reach the axes of the layers they belong to',
      },
      {
        pass: rewrites('unify-pools', [...PLAIN, ...LAYOUTS, ...POOLS]),
        because: 'a sum times a constant is a mean, unless the constant is folded into a layer first',
      },
      {
        pass: rewrites('fold-into-layers', [...PLAIN, ...ACTIVATIONS, ...LAYOUTS, ...POOLS, ...LAYERS]),
        because: 'what follows a layer folds into it exactly, padding or not; what precedes the next one does not',
      },
      {
        pass: rewrites('fold-forward', [...PLAIN, ...ACTIVATIONS, ...LAYOUTS, ...POOLS, ...LAYERS, ...foldForward]),
        because: 'scaling and shifting that no layer before has taken up may fold into the layer behind',
      },
      {
        pass: rewrites('settle', [...PLAIN, ...ACTIVATIONS, ...LAYOUTS, ...POOLS, ...LAYERS, ...affine]),
        because: 'arithmetic that folds nowhere becomes BatchNormalization, the form in which it stands alone',
      },
      {
        pass: removeDeadCode,
        because: 'shape arithmetic and constants that the rules replaced are read by nothing any more',
      },
      {
        pass: labelOutputs('inner'),
        because: 'rules that drop or move the last operator leave the name of the output to another value, or to none',
      },
    ],
  };
}
