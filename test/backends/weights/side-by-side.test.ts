import { expect, it } from 'vitest';
import { SideBySide } from '../../../src/backends/weights/side-by-side.js';
import { GraphEditor } from '../../../src/ir/editor.js';
import { constantsOf } from '../../../src/ir/graph.js';
import { OPERATORS } from '../../../src/ir/ops/index.js';
import { Tensor } from '../../../src/ir/tensor.js';
import { parseGraph } from '../../../src/ir/text/parse.js';
import { tensorSamples } from '../../../src/passes/calibration/fit-samples.js';
import { FLOAT_KERNELS } from '../../../src/runtime/float/index.js';

const graphOf = (factor: number) => {
  const graph = parseGraph(
    `graph "g"
     input %x: float32[N,2]
     const %f: float32[] = [${factor}.0]
     %a = Mul(%x, %f)
     %b = Relu(%a)
     output "b" = %b`,
    OPERATORS,
  );
  const [x, a] = [graph.inputs[0], graph.nodes[0]?.outputs[0]];
  return x === undefined || a === undefined ? expect.fail('no such values') : { graph, x, a };
};

it('SideBySide gives what layers read in both graphs, batch by batch, of the quantised one as it is by then', async () => {
  const [float, quantised] = [graphOf(2), graphOf(4)];
  const samples = tensorSamples(float.graph.inputs, Tensor.float32([3, 2], [1, 2, 3, 4, 5, 6]));
  const read = [
    { x: quantised.x, real: float.x },
    { x: quantised.a, real: float.a },
  ];
  const options = { kernels: FLOAT_KERNELS, batchSize: 2, limit: 3 };
  const run = await SideBySide.on(float.graph, quantised.graph, samples, read, options);
  expect(run.samples).toBe(3);
  const taken = (index: number): number[][][] =>
    [...run.take(read[index] ?? expect.fail('no such layer'), (tensor) => tensor)].map((pair) =>
      pair.map((tensor) => tensor.toNumbers()),
    );
  expect(taken(0)).toEqual([
    [
      [1, 2, 3, 4],
      [1, 2, 3, 4],
    ],
    [
      [5, 6],
      [5, 6],
    ],
  ]);
  const [factor] = constantsOf(quantised.graph);
  new GraphEditor(quantised.graph).setConstant(factor ?? expect.fail('no factor'), Tensor.float32([], [3]));
  expect(taken(1)).toEqual([
    [
      [3, 6, 9, 12],
      [2, 4, 6, 8],
    ],
    [
      [15, 18],
      [10, 12],
    ],
  ]);
});
