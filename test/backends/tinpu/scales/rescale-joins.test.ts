import { describe, expect, it } from 'vitest';
import { compileModel } from '../../../../src/backends/compile-model.js';
import { rescaleJoins } from '../../../../src/backends/tinpu/scales/rescale-joins.js';
import { assignRoles, type Roles } from '../../../../src/backends/tinpu/split/roles.js';
import { cloneGraph } from '../../../../src/ir/clone.js';
import type { Graph } from '../../../../src/ir/graph.js';
import { exportModel } from '../../../../src/ir/onnx/export.js';
import { OPERATORS } from '../../../../src/ir/ops/index.js';
import { uniformSource } from '../../../../src/ir/random.js';
import { sizeOf } from '../../../../src/ir/shape.js';
import { Tensor } from '../../../../src/ir/tensor.js';
import { parseGraph } from '../../../../src/ir/text/parse.js';
import { verifyGraph } from '../../../../src/ir/verify.js';
import { prepare } from '../../../../src/runtime/executor.js';
import { FLOAT_KERNELS } from '../../../../src/runtime/float/index.js';
import { randomFeeds } from '../../../support/random-runs.js';

const WINDOW = '{pads = [1, 1, 1, 1], strides = [1, 1], dilations = [1, 1], group = 1, kernel_shape = [3, 3]}';

function numbers(count: number, gain: number, seed: number): string {
  const next = uniformSource(seed);
  return Array.from({ length: count }, () => (gain * next()).toFixed(3)).join(', ');
}

/** Blocks v + conv(relu(conv(v))) of growing size behind a first convolution. */
function chain(blocks: number, gain: number): Graph {
  const lines = [
    `const %w0: float32[4,4,3,3] = [${numbers(144, 0.3, 1)}]`,
    'const %zero: float32[] = [0]',
    `%v0 = Conv(%x, %w0) ${WINDOW} "c0"`,
  ];
  for (let i = 1; i <= blocks; i++) {
    lines.push(
      `const %p${i}: float32[4,4,3,3] = [${numbers(144, gain, 2 * i)}]`,
      `const %q${i}: float32[4,4,3,3] = [${numbers(144, gain, 2 * i + 1)}]`,
      `%a${i} = Conv(%v${i - 1}, %p${i}) ${WINDOW} "a${i}"`,
      `%r${i} = Clip(%a${i}, %zero)`,
      `%b${i} = Conv(%r${i}, %q${i}) ${WINDOW} "b${i}"`,
      `%v${i} = Add(%v${i - 1}, %b${i}) "add${i}"`,
    );
  }
  const text = `graph "g"\n input %x: float32[N,4,8,8]\n ${lines.join('\n ')}\n output "y" = %v${blocks}`;
  return parseGraph(text, OPERATORS);
}

/** The tensors that are rescaled when points have the given scales, 1 where none is given. */
function copiesIn(graph: Graph, scales: Readonly<Record<string, number>>, factor = 4): string[] {
  const rescales = (coarser: number, feedsLayer: boolean): boolean => feedsLayer && coarser >= factor;
  const scaleOf = ({ value }: { readonly value: { readonly name: string } }): number =>
    new Map(Object.entries(scales)).get(value.name) ?? 1;
  const assign = (): Roles => assignRoles(graph);
  const copies = rescaleJoins(graph, assign(), { scaleOf, rescales, assign, report: () => undefined });
  return [...copies].map(([copy, source]) => `${source.name} as ${copy.name}`);
}

describe('rescaleJoins', () => {
  it('rescales a skip connection that is much finer than the sum', () => {
    expect(copiesIn(chain(1, 1), { v1: 8 })).toEqual(['v0 as v0/rescaled']);
    expect(copiesIn(chain(2, 1), { v1: 8, v2: 64 })).toEqual(['v1 as v1/rescaled', 'v0 as v0/rescaled']);
  });

  it('counts what is left of the group when later operands have a scale of their own', () => {
    expect(copiesIn(chain(2, 1), { v1: 3, v2: 12 })).toEqual(['v1 as v1/rescaled']);
  });

  it('rescales what is concatenated', () => {
    const graph = parseGraph(
      `graph "g"
        input %x: float32[N,4]
        const %w: float32[4,4] = [${numbers(16, 1, 1)}]
        const %u: float32[4,4] = [${numbers(16, 1, 2)}]
        %a = Gemm(%x, %w)
        %b = Gemm(%a, %u)
        %y = Concat(%a, %b) {axis = 1}
        output "y" = %y`,
      OPERATORS,
    );
    expect(copiesIn(graph, { b: 10 })).toEqual(['a as a/rescaled']);
  });

  it('leaves it where the sum is hardly coarser', () => {
    expect(copiesIn(chain(2, 1), { v1: 3.9, v2: 3.9 })).toEqual([]);
  });

  it('leaves the float function as it is, to the bit', () => {
    const graph = chain(2, 1);
    const { graph: changed } = cloneGraph(graph);
    copiesIn(changed, { v1: 8, v2: 64 });
    expect(verifyGraph(changed, OPERATORS)).toEqual([]);
    const feeds = randomFeeds(graph, 3);
    const [before, after] = [graph, changed].map((each) => prepare(each, FLOAT_KERNELS).run(feeds));
    expect(after?.get('y')?.toNumbers()).toEqual(before?.get('y')?.toNumbers());
  });

  it('rescales rank 2 behind spatial axes that it adds and drops again', () => {
    const graph = parseGraph(
      `graph "g"
        input %x: float32[N,4]
        const %w: float32[4,4] = [${numbers(16, 1, 1)}]
        const %u: float32[4,4] = [${numbers(16, 1, 2)}]
        %a = Gemm(%x, %w)
        %b = Gemm(%a, %u)
        %y = Add(%a, %b)
        output "y" = %y`,
      OPERATORS,
    );
    expect(copiesIn(graph, { y: 10 })).toEqual(['a as a/rescaled']);
    expect(graph.nodes.map(({ op }) => op)).toEqual(['Gemm', 'Gemm', 'Unsqueeze', 'Conv', 'Squeeze', 'Add']);
    expect(verifyGraph(graph, OPERATORS)).toEqual([]);
  });

  it('leaves operands that no layer reads, and graph inputs', () => {
    const graph = parseGraph(
      `graph "g"
        input %x: float32[N,4]
        const %w: float32[4,4] = [${numbers(16, 1, 1)}]
        const %u: float32[4,4] = [${numbers(16, 1, 2)}]
        %a = Gemm(%x, %w)
        %b = Gemm(%x, %u)
        %s = Add(%a, %b)
        %y = Add(%s, %x)
        output "y" = %y`,
      OPERATORS,
    );
    expect(copiesIn(graph, { s: 10, y: 10 })).toEqual([]);
  });

  it('rescales rank 2 in a model that is compiled', async () => {
    const graph = parseGraph(
      `graph "g"
        input %x: float32[N,4]
        const %w: float32[4,4] = [${numbers(16, 1, 1)}]
        const %u: float32[4,4] = [${numbers(16, 32, 2)}]
        %a = Gemm(%x, %w)
        %b = Gemm(%a, %u)
        %y = Add(%a, %b)
        output "y" = %y`,
      OPERATORS,
    );
    const next = uniformSource(5);
    const samples = Tensor.float32(
      [64, 4],
      Array.from({ length: 256 }, () => next()),
    );
    const { summary } = await compileModel(exportModel(graph, { opset: 17 }), {
      target: 'f28p55',
      samples,
      verify: true,
    });
    expect(summary.diagnostics.map(({ code }) => code)).toContain('operand-rescaled');
    expect(summary.accuracy?.sqnrDb).toBeGreaterThan(20);
  });

  it.each(['quantc', 'torchmodelopt'])(
    'keeps a chain of growing sums close to the float model (%s)',
    async (recipe) => {
      const dims = [16, 4, 8, 8];
      const next = uniformSource(5);
      const samples = Tensor.float32(
        dims,
        Array.from({ length: sizeOf(dims) }, () => next()),
      );
      const { summary } = await compileModel(exportModel(chain(3, 0.8), { opset: 17 }), {
        target: 'f28p55',
        recipe,
        samples,
        verify: true,
      });
      expect(summary.diagnostics.map(({ code }) => code)).toContain('operand-rescaled');
      // On one scale for all tensors the first layers have no bits left, and the output is below 5 dB.
      expect(summary.accuracy?.sqnrDb).toBeGreaterThan(20);
    },
  );
});
