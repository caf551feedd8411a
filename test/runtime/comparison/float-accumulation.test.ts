import { describe, expect, it } from 'vitest';
import { TINPU_KERNELS, TINPU_OPERATORS } from '../../../src/backends/tinpu/dialect.js';
import { Tensor } from '../../../src/ir/tensor.js';
import { parseGraph } from '../../../src/ir/text/parse.js';
import { convInFloat32, matMulInFloat32 } from '../../../src/runtime/comparison/float-accumulation.js';
import { prepare } from '../../../src/runtime/executor.js';
import type { KernelTable } from '../../../src/runtime/kernel.js';
import { randomQuantised } from '../../support/random-quantised.js';
import { sizeOf } from '../../../src/ir/shape.js';

const IN_FLOATS = new Map([...TINPU_KERNELS, ['q.Conv', convInFloat32], ['q.MatMul', matMulInFloat32]]);

describe('sums in float32', () => {
  it('are the integers below 2^24, for any window, group and dilation', () => {
    let layers = 0;
    for (let seed = 0; seed < 60; seed++) {
      const graph = randomQuantised(seed, 8);
      layers += graph.nodes.filter(({ op, domain }) => domain === 'q' && ['Conv', 'MatMul'].includes(op)).length;
      const feeds = new Map(
        graph.inputs.map(({ name, type }) => {
          const dims = type.shape.map(Number);
          return [
            name,
            Tensor.float32(
              dims,
              Array.from({ length: sizeOf(dims) }, (_, i) => Math.sin(i + seed) * 3),
            ),
          ];
        }),
      );
      expect(prepare(graph, IN_FLOATS).run(feeds)).toEqual(prepare(graph, TINPU_KERNELS).run(feeds));
    }
    expect(layers).toBeGreaterThan(40);
  });

  it('lose what is below the last of 24 bits, product by product', () => {
    // 2^24 and two ones: each one is lost, though 2^24 + 2 has 24 bits.
    const graph = parseGraph(
      `
graph "net"
input %x: int16[1,1026]
const %w: int8[1026,1] = splat 1
%y: int32[1,1] = q.MatMul(%x, %w)
output "y" = %y
`,
      TINPU_OPERATORS,
    );
    const x = Int16Array.from({ length: 1026 }, (_, i) => (i < 1024 ? 16384 : 1));
    const run = (kernels: KernelTable): number[] | undefined =>
      prepare(graph, kernels)
        .run(new Map([['x', new Tensor('int16', [1, 1026], x)]]))
        .get('y')
        ?.toNumbers();
    expect([run(IN_FLOATS), run(TINPU_KERNELS)]).toEqual([[2 ** 24], [2 ** 24 + 2]]);
  });
});
