import { normaliseGemm } from '../../../src/passes/rules/normalise-gemm.js';
import { describeRule, type RefusalCase, type RewriteCase } from '../../support/rules.js';

const rounding = { relative: 1e-6, because: 'factors are multiplied into the constants before the products' };

/** Gemm of %x [N,2] and %w with %b, attributes to be folded; then %x, %w [2,3] and a bias [3] without any. */
const gemm = (
  name: string,
  weight: string,
  bias: string,
  attributes: string,
  plain: string,
  sum: string,
): RewriteCase => ({
  name,
  before: `graph "g"
input %x: float32[N,2]
const %w: float32${weight}
const %b: float32${bias}
%y = Gemm(%x, %w, %b) {${attributes}} "fc" @[0 "fc" "Gemm"]
output "y" = %y`,
  after: `graph "g"
input %x: float32[N,2]
const %w: float32[2,3] = ${plain}
${sum === '' ? '' : `const %b: float32[3] = ${sum}`}
%y = Gemm(%x, %w${sum === '' ? '' : ', %b'}) "fc" @[0 "fc" "Gemm"]
output "y" = %y`,
  exactness: rounding,
});

const refusal = (name: string, call: string, reason: string): RefusalCase => ({
  name,
  graph: `graph "g"
input %x: float32[2,2]
input %v: float32[2]
const %w: float32[2,2] = [1, 2, 3, 4]
const %column: float32[2,1] = [1, 2]
const %full: float32[2,2] = [1, 2, 3, 4]
const %huge: float32[2] = [3e38, 1]
%y = ${call}
output "y" = %y`,
  reason,
});

const ROWS = '[2,3] = [1, 2, 3, 4, 5, 6]';

describeRule(normaliseGemm, {
  rewrites: [
    gemm(
      'transB, as PyTorch exports it',
      '[3,2] = [1, 4, 2, 5, 3, 6]',
      '[3] = [7, 8, 9]',
      'alpha = 1.0, beta = 1.0, transA = 0, transB = 1',
      '[1, 2, 3, 4, 5, 6]',
      '[7, 8, 9]',
    ),
    gemm('alpha', ROWS, '[3] = [7, 8, 9]', 'alpha = 0.5', '[0.5, 1, 1.5, 2, 2.5, 3]', '[7, 8, 9]'),
    gemm(
      'alpha, beta and transB',
      '[3,2] = [1, 4, 2, 5, 3, 6]',
      '[3] = [7, 8, 9]',
      'alpha = -2.0, beta = 3.0, transB = 1',
      '[-2, -4, -6, -8, -10, -12]',
      '[21, 24, 27]',
    ),
    gemm('a scalar bias', ROWS, '[] = [7]', 'beta = 2.0', '[1, 2, 3, 4, 5, 6]', '[14, 14, 14]'),
    gemm('a bias of one element', ROWS, '[1] = [7]', '', '[1, 2, 3, 4, 5, 6]', '[7, 7, 7]'),
    gemm('a bias [1, 1]', ROWS, '[1,1] = [7]', '', '[1, 2, 3, 4, 5, 6]', '[7, 7, 7]'),
    gemm('a bias [1, M]', ROWS, '[1,3] = [7, 8, 9]', '', '[1, 2, 3, 4, 5, 6]', '[7, 8, 9]'),
    gemm('beta 0, which drops the bias', ROWS, '[3] = [7, 8, 9]', 'beta = 0.0', '[1, 2, 3, 4, 5, 6]', ''),
    gemm('default attributes only', ROWS, '[3] = [7, 8, 9]', 'transB = 0', '[1, 2, 3, 4, 5, 6]', '[7, 8, 9]'),
    {
      name: 'transA',
      before: `graph "g"
input %x: float32[2,N]
const %w: float32[2,3] = [1, 2, 3, 4, 5, 6]
%y = Gemm(%x, %w) {transA = 1}
output "y" = %y`,
      after: `graph "g"
input %x: float32[2,N]
const %w: float32[2,3] = [1, 2, 3, 4, 5, 6]
%y_1 = Transpose(%x) {perm = [1, 0]}
%y = Gemm(%y_1, %w)
output "y" = %y`,
      exactness: rounding,
    },
  ],
  refusals: [
    refusal('computed weights', 'Gemm(%x, %x) {transB = 1}', 'the weights are computed'),
    refusal('constants on the left', 'Gemm(%w, %x) {alpha = 2.0}', 'the weights are computed'),
    refusal('a computed bias', 'Gemm(%x, %w, %v) {alpha = 2.0}', 'the bias is computed'),
    refusal('a bias for each row', 'Gemm(%x, %w, %column)', 'the bias differs from row to row'),
    refusal('a bias for each element', 'Gemm(%x, %w, %full)', 'the bias differs from row to row'),
    refusal('an overflow', 'Gemm(%x, %w, %huge) {beta = 2.0}', 'a folded constant would not be finite'),
    {
      name: 'integers',
      graph: `graph "g"
input %x: int32[N,2]
const %w: int32[2,2] = [1, 2, 3, 4]
%y = Gemm(%x, %w) {transB = 1}
output "y" = %y`,
      reason: 'weights of int32 are not folded',
    },
  ],
  untouched: [
    {
      name: 'what is plain already',
      graph: `graph "g"
input %x: float32[N,2]
const %w: float32[2,3] = [1, 2, 3, 4, 5, 6]
const %b: float32[3] = [7, 8, 9]
%y = Gemm(%x, %w, %b) "fc"
output "y" = %y`,
    },
  ],
});
