import { describe, expect, it } from 'vitest';
import { TINPU_OPERATORS } from '../../../src/backends/tinpu/dialect.js';
import type { BoundVector, ExpectedTensor } from '../../../src/backends/verify/bound-vector.js';
import { explainVector } from '../../../src/backends/verify/explain-vector.js';
import { judgeVector } from '../../../src/backends/verify/judge-vector.js';
import { VectorRunner } from '../../../src/backends/verify/run-vector.js';
import type { Graph } from '../../../src/ir/graph.js';
import { Tensor } from '../../../src/ir/tensor.js';
import { parseGraph } from '../../../src/ir/text/parse.js';

/** Layer k of a chain, from 1 on, adds k: r_k = r_(k-1) + k. */
const chain = (layers: number): Graph =>
  parseGraph(
    `graph "chain"
input %r0: int8[1,1]
const %w: int8[1,1] = [1]
const %one: int32[1] = [1]
const %zero: int32[1] = [0]
${Array.from(
  { length: layers },
  (_, i) => `%a${i + 1}: int32[1,1] = q.MatMul(%r${i}, %w)
const %b${i + 1}: int32[1] = [${i + 1}]
%r${i + 1}: int8[1,1] = q.Bnorm(%a${i + 1}, %b${i + 1}, %one, %zero) {lo = -128, hi = 127} "layer${i + 1}"`,
).join('\n')}
output "y" = %r${layers}
`,
    TINPU_OPERATORS,
  );
/** What the chain gives of 0 behind layer k when another layer leaves out what it adds. */
const sumWithout = (left: number, k: number): number => (k * (k + 1)) / 2 - (left <= k ? left : 0);

const tensorOf = (name: string, value: number): ExpectedTensor => ({ name, kind: 'tensor', elements: [value] });
const outputOf = (value: number): ExpectedTensor => ({ name: 'y', kind: 'output', elements: [value] });

function explain(
  graph: Graph,
  expected: readonly ExpectedTensor[],
  change: Partial<BoundVector> = {},
  tolerance = 0,
): unknown[] {
  const runner = new VectorRunner({ graph, source: graph });
  const vector: BoundVector = {
    label: 'set 0',
    feeds: new Map([['r0', new Tensor('int8', [1, 1], Int8Array.of(0))]]),
    forced: new Map(),
    truncatedFeeds: undefined,
    expected,
    ...change,
  };
  const verdicts = judgeVector(vector, runner.run(vector), runner.order, tolerance);
  return explainVector(runner, graph, vector, verdicts, tolerance).map(({ cause, layer }) => [cause, layer]);
}

describe('a layer that leaves out its bias', () => {
  it.each([1, 5, 8])('is found among eight: layer %i', (left) => {
    expect(explain(chain(8), [outputOf(sumWithout(left, 8))])).toEqual([['missing-bias', `layer${left}`]]);
  });

  it('is not looked for among nine, unless tensors tell between which it is', () => {
    const output = outputOf(sumWithout(6, 9));
    expect(explain(chain(9), [output])).toEqual([]);
    const between = [4, 7].map((k) => tensorOf(`r${k}`, sumWithout(6, k)));
    expect(explain(chain(9), [...between, output])).toEqual([['missing-bias', 'layer6']]);
  });

  it('must explain every tensor, and not only the output', () => {
    expect(explain(chain(3), [tensorOf('r2', 100), outputOf(sumWithout(1, 3))])).toEqual([]);
  });

  it('explains within the tolerance', () => {
    const near = [outputOf(sumWithout(3, 4) - 1)];
    expect(explain(chain(4), near, {}, 0)).not.toContainEqual(['missing-bias', 'layer3']);
    expect(explain(chain(4), near, {}, 1)).toEqual([['missing-bias', 'layer3']]);
  });
});

describe("the truncation of a header's input sequence", () => {
  const truncatedFeeds = new Map([['r0', new Tensor('int8', [1, 1], Int8Array.of(-50))]]);
  it('explains what the feeds of C code give', () => {
    expect(explain(chain(1), [outputOf(-49)], { truncatedFeeds })).toEqual([['input-truncation', undefined]]);
    expect(explain(chain(1), [outputOf(-48)], { truncatedFeeds })).toEqual([]);
  });

  it('explains integers of the file that C code would make', () => {
    const header = { name: 'p', kind: 'input-sequence', elements: [-2], given: [-3] } as const;
    expect(explain(chain(1), [{ ...header, truncated: [-2] }, outputOf(1)])).toEqual([['input-truncation', undefined]]);
    expect(explain(chain(1), [{ ...header, truncated: [-1] }, outputOf(1)])).toEqual([]);
  });
});
