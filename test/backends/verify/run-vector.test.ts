import { describe, expect, it } from 'vitest';
import { TINPU_KERNELS, TINPU_OPERATORS } from '../../../src/backends/tinpu/dialect.js';
import type { BoundVector, ExpectedTensor } from '../../../src/backends/verify/bound-vector.js';
import { resultKey, VectorRunner, type Results } from '../../../src/backends/verify/run-vector.js';
import { InternalError } from '../../../src/ir/diagnostics.js';
import { valuesOf, type Value } from '../../../src/ir/graph.js';
import { Tensor } from '../../../src/ir/tensor.js';
import { parseGraph } from '../../../src/ir/text/parse.js';

const graph = parseGraph(
  `graph "net"
input %x: float32[1,2]
const %b: float32[] = [0]
const %m: float32[] = [1]
const %n: int32[] = [0]
%q: int8[1,2] = q.InputNorm(%x, %b, %m, %n) {lo = -128, hi = 127}
%w: int8[1,2] = Neg(%q)
output "y" = %w
output "q" = %w
`,
  TINPU_OPERATORS,
);
/** The same in float, with one more tensor and no rounding. */
const source = parseGraph(
  `graph "net"
input %x: float32[1,2]
%half: float32[1,2] = Neg(%x)
%q: float32[1,2] = Neg(%half)
%w: float32[1,2] = Neg(%q)
output "y" = %w
output "q" = %w
`,
  TINPU_OPERATORS,
);

const vectorOf = (names: readonly string[], forced: ReadonlyMap<Value, Tensor> = new Map()): BoundVector => ({
  label: '',
  feeds: new Map([['x', Tensor.float32([1, 2], [3.5, -2])]]),
  forced,
  truncatedFeeds: undefined,
  expected: names.map((name): ExpectedTensor => ({ name, kind: 'tensor', elements: [0, 0] })),
});
const plain = (results: Results): unknown =>
  Object.fromEntries([...results].map(([key, tensor]) => [key, tensor.toNumbers()]));
const runner = new VectorRunner({ graph, source });

describe('VectorRunner', () => {
  it('computes outputs and the tensors told of, and tells an output from a tensor of its name', () => {
    expect(plain(runner.run(vectorOf([])))).toEqual({ 'output y': [-3, 2], 'output q': [-3, 2] });
    expect(plain(runner.run(vectorOf(['q'])))).toEqual({
      'output y': [-3, 2],
      'output q': [-3, 2],
      'tensor q': [3, -2],
    });
    expect(resultKey({ kind: 'input-sequence', name: 'q' })).toBe('tensor q');
  });

  it('computes tensors that only the model as it is written has in that', () => {
    const results = plain(runner.run(vectorOf(['q', 'half'])));
    // The integers win wherever both forms have a tensor of the name.
    expect(results).toMatchObject({ 'tensor q': [3, -2], 'tensor half': [-3.5, 2], 'output y': [-3, 2] });
  });

  it('runs the model as it is written on request', () => {
    const floats = runner.runForm(vectorOf([]), { kernels: TINPU_KERNELS, inFloats: true });
    expect(plain(floats)).toMatchObject({ 'output y': [-3.5, 2] });
  });

  it('takes the integers of an input in place of what it would compute', () => {
    const q = [...valuesOf(graph)].find(({ name }) => name === 'q');
    if (q === undefined) throw new InternalError('no q');
    const forced = new Map([[q, new Tensor('int8', [1, 2], Int8Array.of(7, -9))]]);
    expect(plain(runner.run(vectorOf(['q'], forced)))).toMatchObject({ 'tensor q': [7, -9], 'output y': [-7, 9] });
    // The form in floats carries the same integers as float32.
    const floats = runner.runForm(vectorOf(['q'], forced), { kernels: TINPU_KERNELS, inFloats: true });
    expect(floats.get('tensor q')?.dtype).toBe('float32');
    expect(plain(floats)).toMatchObject({ 'tensor q': [7, -9], 'output y': [-7, 9] });
  });

  it('keeps results that later runs leave alone', () => {
    const first = runner.run(vectorOf(['q']));
    runner.run({ ...vectorOf(['q']), feeds: new Map([['x', Tensor.float32([1, 2], [9, 9])]]) });
    expect(plain(first)).toMatchObject({ 'tensor q': [3, -2], 'output y': [-3, 2] });
  });

  it('knows the order of computation of both forms', () => {
    const names = [...runner.order].toSorted(([, a], [, b]) => a - b).map(([name]) => name);
    expect(names.filter((name) => !['b', 'm', 'n'].includes(name))).toEqual(['x', 'half', 'q', 'w']);
  });
});
