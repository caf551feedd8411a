import { describe, expect, it } from 'vitest';
import { GraphEditor } from '../../../src/ir/editor.js';
import { OPERATORS } from '../../../src/ir/ops/index.js';
import { parseGraph } from '../../../src/ir/text/parse.js';
import { verifyGraph } from '../../../src/ir/verify.js';
import { applyRules } from '../../../src/passes/driver.js';
import { dropIdentity } from '../../../src/passes/rules/drop-identity.js';
import { dropNeutralArithmetic } from '../../../src/passes/rules/drop-neutral-arithmetic.js';
import { dropUnchangingOp } from '../../../src/passes/rules/drop-unchanging-op.js';
import { foldAffineIntoNext } from '../../../src/passes/rules/fold-affine-into-next.js';
import { foldArithmeticIntoLayer } from '../../../src/passes/rules/fold-arithmetic-into-layer.js';
import { foldBatchnormIntoLayer } from '../../../src/passes/rules/fold-batchnorm-into-layer.js';
import { foldPadIntoConv } from '../../../src/passes/rules/fold-pad-into-conv.js';
import { foldPadIntoPool } from '../../../src/passes/rules/fold-pad-into-pool.js';
import { mergeBatchnorms } from '../../../src/passes/rules/merge-batchnorms.js';
import { normaliseGemm } from '../../../src/passes/rules/normalise-gemm.js';
import { rewriteAffineAsBatchnorm } from '../../../src/passes/rules/rewrite-affine-as-batchnorm.js';
import { rewriteMatmulAsGemm } from '../../../src/passes/rules/rewrite-matmul-as-gemm.js';
import { rewriteSumAsAdd } from '../../../src/passes/rules/rewrite-sum-as-add.js';
import { FLOAT_KERNELS } from '../../../src/runtime/float/index.js';
import { randomNetwork } from '../../support/random-networks.js';
import { describeDifference, randomFeeds, runGraph } from '../../support/random-runs.js';

const RULES = [
  dropIdentity,
  dropUnchangingOp,
  dropNeutralArithmetic,
  rewriteSumAsAdd,
  normaliseGemm,
  rewriteMatmulAsGemm,
  foldPadIntoConv,
  foldPadIntoPool,
  foldBatchnormIntoLayer,
  foldArithmeticIntoLayer,
  foldAffineIntoNext({ keepAtInput: false }),
  mergeBatchnorms,
  rewriteAffineAsBatchnorm,
];

const exactness = { relative: 1e-4, because: 'up to 14 layers, each rounded once in another place' };

describe('the rules on random networks', () => {
  it.each(Array.from({ length: 150 }, (_, seed) => seed))('keep what network %i computes', (seed) => {
    const text = randomNetwork(seed, 14);
    const source = parseGraph(text, OPERATORS);
    expect(verifyGraph(source, OPERATORS)).toEqual([]);
    const graph = parseGraph(text, OPERATORS);
    const { stopped } = applyRules(new GraphEditor(graph), RULES, { operators: OPERATORS });
    expect(stopped).toBe('fixpoint');
    expect(verifyGraph(graph, OPERATORS)).toEqual([]);
    for (const run of [0, 1]) {
      const feeds = randomFeeds(source, run);
      const wanted = runGraph(source, FLOAT_KERNELS, feeds);
      expect(describeDifference(wanted, runGraph(graph, FLOAT_KERNELS, feeds), exactness)).toBeUndefined();
    }
  });

  it('leave no arithmetic with constants next to a layer that could take it', () => {
    const graph = parseGraph(
      `graph "g"
input %x: float32[N,3,8,8]
const %w: float32[4,3,3,3] = random 1
const %gamma: float32[4] = random 2
const %half: float32[4] = splat 0.5
const %scale: float32[] = [3]
const %shift: float32[4,1,1] = random 3
const %fc: float32[64,10] = random 4
const %bias: float32[10] = random 5
const %pads: int64[8] = [0, 0, 1, 1, 0, 0, 1, 1]
%id = Identity(%x)
%pad = Pad(%id, %pads)
%conv = Conv(%pad, %w)
%bn = BatchNormalization(%conv, %gamma, %half, %half, %half)
%mul = Mul(%scale, %bn)
%add = Add(%mul, %shift)
%relu = Relu(%add)
%pool = MaxPool(%relu) {kernel_shape = [2, 2], strides = [2, 2]}
%norm = BatchNormalization(%pool, %gamma, %half, %half, %half)
%flat = Flatten(%norm)
%drop = Dropout(%flat)
%mm = MatMul(%drop, %fc)
%y = Add(%mm, %bias)
output "y" = %y`,
      OPERATORS,
    );
    applyRules(new GraphEditor(graph), RULES, { operators: OPERATORS });
    expect(graph.nodes.map(({ op }) => op)).toEqual(['Conv', 'Relu', 'MaxPool', 'Flatten', 'Gemm']);
  });
});
