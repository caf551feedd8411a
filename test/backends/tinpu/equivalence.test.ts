import { describe, expect, it } from 'vitest';
import { TINPU_OPERATORS } from '../../../src/backends/tinpu/dialect.js';
import { compareGraphs } from '../../../src/backends/tinpu/equivalence.js';
import { parseGraph } from '../../../src/ir/text/parse.js';
import { syntheticSamples } from '../../../src/passes/calibration/synthetic.js';

const graph = (factor: number, inner = 'inner', result = '%y') =>
  parseGraph(
    `graph "g"
input %x: float32[N,3]
const %f: float32[] = [${factor}]
%${inner} = Mul(%x, %f)
%y = Relu(%${inner})
output "y" = ${result}
`,
    TINPU_OPERATORS,
  );
const one = graph(2);
const samples = syntheticSamples(one.inputs, { count: 5 });

describe('compareGraphs', () => {
  it('compares tensors of equal label, and outputs by name', async () => {
    const { compared, differing } = await compareGraphs(one, graph(2, 'other'), samples);
    expect([...compared].sort()).toEqual(['x', 'y']);
    expect(differing).toEqual([]);
  });

  it('names what differs in the order of computation', async () => {
    expect((await compareGraphs(one, graph(2.5), samples)).differing).toEqual(['inner', 'y']);
    expect((await compareGraphs(one, graph(2, 'inner', '%inner'), samples)).differing).toEqual(['y']);
  });
});
