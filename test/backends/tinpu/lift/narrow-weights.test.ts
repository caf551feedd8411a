import { narrowWeights } from '../../../../src/backends/tinpu/lift/narrow-weights.js';
import { describePass } from '../../../support/rules.js';
import { TINPU_RULES } from '../../../support/tinpu-rules.js';

const layer = (dtype: string, weights: string, scale: string): string => `graph "g"
  input %x: int8[N,2]
  const %w: ${dtype}[2,2] = ${weights}
  const %b: int32[1] = [5]
  const %m: int32[2] = ${scale}
  const %s: int32[1] = [4]
  %p: int32[N,2] = q.MatMul(%x, %w)
  %y: int8[N,2] = q.Bnorm(%p, %b, %m, %s) {lo = -128, hi = 127}
  output "y" = %y`;

const narrowed = (name: string, weights: string, dtype: string) => ({
  name,
  before: layer('int8', weights, '[1, 3]'),
  after: layer(dtype, weights, '[1, 3]'),
});

describePass(
  narrowWeights,
  {
    rewrites: [
      narrowed('4 bits, beside a multiplier', '[7, -7, 3, 0]', 'int4'),
      narrowed('2 bits, beside a multiplier', '[1, -1, 1, 0]', 'int2'),
    ],
    untouched: [
      { name: 'weights without a multiplier', graph: layer('int8', '[7, -7, 3, 0]', '[1, 1]') },
      { name: 'weights of 8 bits', graph: layer('int8', '[8, -7, 3, 0]', '[1, 3]') },
      {
        name: 'the smallest integer of 4 bits, which symmetric weights leave out',
        graph: layer('int8', '[-8, 7, 3, 0]', '[1, 3]'),
      },
    ],
  },
  TINPU_RULES,
);
