import { describe, expect, it } from 'vitest';
import { observeRanges } from '../../src/backends/observe-ranges.js';
import { UserError } from '../../src/ir/diagnostics.js';
import type { Value } from '../../src/ir/graph.js';
import { OPERATORS } from '../../src/ir/ops/index.js';
import { Tensor } from '../../src/ir/tensor.js';
import { parseGraph } from '../../src/ir/text/parse.js';
import type { Range } from '../../src/passes/calibration/observers/observer.js';

const GRAPH = parseGraph(
  'graph "g"\ninput %x: float32[N,2]\n%a: float32[N,2] = Neg(%x)\n%y: float32[N,2] = Relu(%a)\noutput "y" = %y\n',
  OPERATORS,
);
const ITEMS = [
  [1, -3],
  [0.5, 2],
  [-1, 0],
];
const DATA = Tensor.float32([3, 2], ITEMS.flat());

async function* stream(): AsyncGenerator<Tensor> {
  for (const item of ITEMS) yield await Promise.resolve(Tensor.float32([2], item));
}

const byName = (ranges: ReadonlyMap<Value, Range>): Record<string, Range> =>
  Object.fromEntries([...ranges].map(([{ name }, range]) => [name, range]));

describe('observeRanges', () => {
  it('answers the range of every input and result, from data in any form', async () => {
    const expected = { x: { min: -3, max: 2 }, a: { min: -2, max: 3 }, y: { min: 0, max: 3 } };
    for (const data of [DATA, stream(), stream, new Map([['x', DATA]])]) {
      expect(byName(await observeRanges(GRAPH, data))).toEqual(expected);
    }
  });

  it('observes the tensors asked for with an observer of one’s own, in batches of the size asked for', async () => {
    const sizes: number[] = [];
    const done: number[] = [];
    const [value] = GRAPH.outputs.map((output) => output.value);
    const observer = (): { observe: (data: Float32Array) => void; range: () => Range } => ({
      observe: (data) => sizes.push(data.length),
      range: () => ({ min: -7, max: 7 }),
    });
    const options = { values: [value!], observer, batchSize: 2, progress: (samples: number) => done.push(samples) };
    expect([...(await observeRanges(GRAPH, DATA, options))]).toEqual([[value, { min: -7, max: 7 }]]);
    expect([sizes, done]).toEqual([
      [4, 2],
      [2, 3],
    ]);
  });

  it('leaves out tensors without elements', async () => {
    const graph = parseGraph(
      'graph "g"\ninput %x: float32[N,2]\nconst %s: int64[1] = [0]\nconst %a: int64[1] = [1]\n%y: float32[N,0] = Slice(%x, %s, %s, %a)\noutput "y" = %y\n',
      OPERATORS,
    );
    expect(byName(await observeRanges(graph, DATA))).toEqual({ x: { min: -3, max: 2 } });
  });

  it('refuses data that do not fit, and tensors that become infinite', async () => {
    await expect(observeRanges(GRAPH, Tensor.float32([1, 3], [1, 2, 3]))).rejects.toThrow(UserError);
    const graph = parseGraph(
      'graph "g"\ninput %x: float32[N,2]\n%y: float32[N,2] = Exp(%x)\noutput "y" = %y\n',
      OPERATORS,
    );
    await expect(observeRanges(graph, Tensor.float32([1, 2], [0, 1000]))).rejects.toThrow(/'y' becomes Infinity/);
  });
});
