import { describe, expect, it } from 'vitest';
import { GraphEditor } from '../../../src/ir/editor.js';
import { OPERATORS } from '../../../src/ir/ops/index.js';
import { parseGraph } from '../../../src/ir/text/parse.js';
import { applyRules } from '../../../src/passes/driver.js';
import { foldArithmeticIntoLayer } from '../../../src/passes/rules/fold-arithmetic-into-layer.js';
import { hoistClip } from '../../../src/passes/rules/hoist-clip.js';
import { rewriteBatchedMatmulAsGemm } from '../../../src/passes/rules/rewrite-batched-matmul-as-gemm.js';
import { rewriteReluAsClip } from '../../../src/passes/rules/rewrite-relu-as-clip.js';
import { describeRule, type RefusalCase, type RewriteCase } from '../../support/rules.js';

const order = { relative: 1e-5, because: 'the two kernels may add up in another order, and sums may cancel' };

const product = (name: string, x: string, w: string, result: string, unknownRows = true): RewriteCase => {
  const matrix = w.replace(/^float32\[1,/, 'float32[');
  const rank = result.split(',').length;
  const columns = Number(result.split(',').at(-1));
  const rowsOf = (size: number): string => (x.includes('N') && unknownRows ? `: float32["y:0",${size}]` : '');
  return {
    name,
    before: `graph "g"
input %x: ${x}
const %w: ${w} = random 1
%y = MatMul(%x, %w) "fc" @[0 "fc" "MatMul"]
output "y" = %y`,
    after: `graph "g"
input %x: ${x}
const %rows: int64[2] = [-1, 3]
const %w: ${matrix} = *
const %shape: int64[${rank}] = [${result}]
%y_1${rowsOf(3)} = Reshape(%x, %rows) "fc" @[0 "fc" "MatMul"]
%y_2${rowsOf(columns)} = Gemm(%y_1, %w) "fc" @[0 "fc" "MatMul"]
%y: float32[${/\[(\w+)/.exec(x)?.[1]},${result.replace(/^\S+ /, '')}] = Reshape(%y_2, %shape) "fc" @[0 "fc" "MatMul"]
output "y" = %y`,
    exactness: order,
  };
};

const refusal = (name: string, x: string, w: string, call: string, reason: string): RefusalCase => ({
  name,
  graph: `graph "g"
input %x: ${x}
const %w: ${w}
%y = ${call}
output "y" = %y`,
  reason,
});

describeRule(rewriteBatchedMatmulAsGemm, {
  rewrites: [
    product('an unknown batch', 'float32[N,4,3]', 'float32[3,2]', '-1, 4, 2'),
    product('a fixed batch', 'float32[2,4,3]', 'float32[3,2]', '2, 4, 2'),
    product('rank 4', 'float32[N,2,5,3]', 'float32[3,7]', '-1, 2, 5, 7'),
    product('axes of size 1 in the middle', 'float32[N,1,1,3]', 'float32[3,2]', '-1, 1, 1, 2', false),
    product('weights with an axis of size 1 in front', 'float32[N,4,3]', 'float32[1,3,2]', '-1, 4, 2'),
  ],
  refusals: [
    refusal(
      'several matrices',
      'float32[2,4,3]',
      'float32[2,3,2] = random 1',
      'MatMul(%x, %w)',
      'more than one matrix',
    ),
    refusal('a column of weights', 'float32[N,4,3]', 'float32[3] = random 1', 'MatMul(%x, %w)', 'a single column'),
    refusal('computed weights', 'float32[N,3,3]', 'float32[1] = [1]', 'MatMul(%x, %x)', 'neither operand is constant'),
    refusal('a constant on the left', 'float32[N,3,4]', 'float32[1,2,3] = random 1', 'MatMul(%w, %x)', 'on the left'),
    refusal('a sequence of unknown length', 'float32[1,T,3]', 'float32[3,2] = random 1', 'MatMul(%x, %w)', 'unknown'),
    refusal('an empty sequence', 'float32[N,0,3]', 'float32[3,2] = random 1', 'MatMul(%x, %w)', 'empty'),
    refusal('integers', 'int32[N,4,2]', 'int32[2,1] = [1, 2]', 'MatMul(%x, %w)', 'int32'),
  ],
  untouched: [
    {
      name: 'a matrix',
      graph: `graph "g"
input %x: float32[N,3]
const %w: float32[3,2] = random 1
%y = MatMul(%x, %w)
output "y" = %y`,
    },
  ],
});

const layer = `graph "g"
input %x: float32[N,4,3]
const %w: float32[3,2] = random 1
const %b: float32[2] = [0.5, -1]
%p = MatMul(%x, %w)
%s = Add(%b, %p)`;

describeRule([rewriteReluAsClip, rewriteBatchedMatmulAsGemm, foldArithmeticIntoLayer, hoistClip], {
  rewrites: [
    {
      name: 'with a bias behind it',
      before: `${layer}
output "y" = %s`,
      after: `graph "g"
input %x: float32[N,4,3]
const %rows: int64[2] = [-1, 3]
const %w: float32[3,2] = random 1
const %b: float32[2] = [0.5, -1]
const %shape: int64[3] = [-1, 4, 2]
%p_1: float32["p:0",3] = Reshape(%x, %rows)
%s_1: float32["p:0",2] = Gemm(%p_1, %w, %b)
%s: float32[N,4,2] = Reshape(%s_1, %shape)
output "y" = %s`,
      exactness: order,
    },
    {
      name: 'with a bias and Relu behind it',
      before: `${layer}
%y = Relu(%s)
output "y" = %y`,
      after: `graph "g"
input %x: float32[N,4,3]
const %rows: int64[2] = [-1, 3]
const %w: float32[3,2] = random 1
const %b: float32[2] = [0.5, -1]
const %min: float32[] = [0]
const %shape: int64[3] = [-1, 4, 2]
%p_1: float32["p:0",3] = Reshape(%x, %rows)
%s_1: float32["p:0",2] = Gemm(%p_1, %w, %b)
%y_1: float32["p:0",2] = Clip(%s_1, %min)
%y: float32[N,4,2] = Reshape(%y_1, %shape)
output "y" = %y`,
      exactness: order,
    },
  ],
});

describe('the result of a product of sequences', () => {
  it('keeps the symbol of the batch, also once other rules have rebuilt it', () => {
    const rules = [rewriteReluAsClip, rewriteBatchedMatmulAsGemm, foldArithmeticIntoLayer, hoistClip];
    const graph = parseGraph(`${layer}\n%y = Relu(%s)\noutput "y" = %y`, OPERATORS);
    applyRules(new GraphEditor(graph), rules, { operators: OPERATORS });
    expect(graph.outputs[0]?.value.producer?.op).toBe('Reshape');
    expect(graph.outputs[0]?.value.type.shape).toEqual(['N', 4, 2]);
  });
});
