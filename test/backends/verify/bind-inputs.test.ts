import { describe, expect, it } from 'vitest';
import { TINPU_OPERATORS } from '../../../src/backends/tinpu/dialect.js';
import type { AssignedArrays } from '../../../src/backends/verify/assign-roles.js';
import { bindInputs, type BoundInputs } from '../../../src/backends/verify/bind-inputs.js';
import { valuesOf, type Graph } from '../../../src/ir/graph.js';
import { Tensor } from '../../../src/ir/tensor.js';
import { parseGraph } from '../../../src/ir/text/parse.js';
import type { InputSequence } from '../../../src/runtime/vectors/input-sequence.js';

const parse = (text: string): Graph => parseGraph(`graph "net"\n${text}`, TINPU_OPERATORS);
const TWO = parse(`input %x: float32[N,2]
input %z: float32[N,K]
%k: float32[N,K] = Neg(%z)
output "y" = %k
`);
const BYTES = parse('input %x: int8[N,2]\n%y: int8[N,2] = Neg(%x)\noutput "y" = %y\n');

type Given = Readonly<Record<number, Tensor>>;

function bind(
  graph: Graph,
  floats: Given,
  integers: Given = {},
  sequences: readonly InputSequence[] = [],
): BoundInputs {
  const arrays = (given: Given): AssignedArrays['inputs'] =>
    new Map(Object.entries(given).map(([i, tensor]) => [Number(i), { name: '', role: undefined, tensor }]));
  const assigned: AssignedArrays = {
    inputs: arrays(floats),
    integers: arrays(integers),
    outputs: new Map(),
    tensors: new Map(),
    unknown: [],
    contradiction: undefined,
  };
  return bindInputs(graph, { label: 'set 0', arrays: [] }, assigned, sequences, {});
}
const feedsOf = ({ runs }: BoundInputs): unknown =>
  runs.map(({ feeds }) => Object.fromEntries([...feeds].map(([name, tensor]) => [name, tensor.toNumbers()])));

describe('bindInputs', () => {
  it('puts the vectors of all inputs side by side', () => {
    const bound = bind(TWO, { 0: Tensor.float32([2, 2], [1, 2, 3, 4]), 1: Tensor.float32([2, 1], [5, 6]) });
    expect(feedsOf(bound)).toEqual([
      { x: [1, 2], z: [5] },
      { x: [3, 4], z: [6] },
    ]);
  });

  it('tells the dims that follow from the sizes of inputs', () => {
    const bound = bind(TWO, { 0: Tensor.float32([1, 2], [1, 2]), 1: Tensor.float32([1, 3], [5, 6, 7]) });
    const dims = [...valuesOf(TWO)].map((value) => [value.name, bound.resolve(value)]);
    expect(dims).toEqual([
      ['x', [1, 2]],
      ['z', [1, 3]],
      ['k', [1, 3]],
    ]);
    const [value] = TWO.outputs;
    const foreign = value && { ...value.value, type: { dtype: 'float32', shape: [1, 'M'] } as const };
    expect(foreign && bound.resolve(foreign)).toBeUndefined();
  });

  it('refuses inputs of different numbers of vectors', () => {
    const floats = { 0: Tensor.float32([2, 2], [1, 2, 3, 4]), 1: Tensor.float32([3, 1], [5, 6, 7]) };
    expect(() => bind(TWO, floats)).toThrow("set 0: 'z' has 3 vectors, other inputs 2");
  });

  it('runs a model without inputs once', () => {
    const none = parse('const %c: float32[2] = [1, 2]\n%y: float32[2] = Neg(%c)\noutput "y" = %y\n');
    expect(bind(none, {}).runs).toMatchObject([{ forced: new Map(), expected: [], truncatedFeeds: undefined }]);
  });

  const HALVES: InputSequence = {
    prefix: 'p',
    bias: Float32Array.of(0),
    scale: Float32Array.of(1),
    shift: Int32Array.of(1),
  };
  it('feeds what a header makes of floats, and keeps what C code would, which truncates first', () => {
    // -4.5 / 2 is -2.25, whose floor is -3; truncated to -4 first, it is -2.
    const { runs } = bind(BYTES, { 0: Tensor.float32([1, 2], [-4.5, 6]) }, {}, [HALVES]);
    expect(runs.map(({ feeds }) => feeds.get('x')?.toNumbers())).toEqual([[-3, 3]]);
    expect(runs.map(({ truncatedFeeds }) => truncatedFeeds?.get('x')?.toNumbers())).toEqual([[-2, 3]]);
  });

  it('takes integers as they are, and has the header answer for them', () => {
    const integers = new Tensor('int8', [1, 2], Int8Array.of(-2, 3));
    const { runs } = bind(BYTES, { 0: Tensor.float32([1, 2], [-4.5, 6]) }, { 0: integers }, [HALVES]);
    expect(runs.map(({ feeds }) => feeds.get('x')?.toNumbers())).toEqual([[-2, 3]]);
    const [run] = runs;
    expect(run?.truncatedFeeds).toBeUndefined();
    const [expected] = run?.expected ?? [];
    expect(expected).toMatchObject({ name: 'p', kind: 'input-sequence' });
    expect(Array.from(expected?.elements ?? [])).toEqual([-2, 3]);
    expect(Array.from(expected?.given ?? [])).toEqual([-3, 3]);
    expect(Array.from(expected?.truncated ?? [])).toEqual([-2, 3]);
  });
});
