import { describe, expect, it } from 'vitest';
import { TINPU_OPERATORS } from '../../../src/backends/tinpu/dialect.js';
import { bindVectors } from '../../../src/backends/verify/bind-vectors.js';
import type { BoundVector } from '../../../src/backends/verify/bound-vector.js';
import type { Diagnostic } from '../../../src/ir/diagnostics.js';
import { Tensor } from '../../../src/ir/tensor.js';
import { parseGraph } from '../../../src/ir/text/parse.js';
import type { InputSequence } from '../../../src/runtime/vectors/input-sequence.js';

const NORMALISED = parseGraph(
  `graph "net"
input %x: float32[N,2]
const %b: float32[] = [0]
const %m: float32[] = [1]
const %n: int32[] = [0]
%q: int8[N,2] = q.InputNorm(%x, %b, %m, %n) {lo = -128, hi = 127}
const %w: int8[2,1] = [1, 1]
%a: int32[N,1] = q.MatMul(%q, %w)
output "y" = %a
`,
  TINPU_OPERATORS,
);

const PLAIN = parseGraph(
  `graph "net"
input %x: float32[N,2]
input %z: float32[N,K]
%y: float32[N,2] = Neg(%x)
%k: float32[N,K] = Neg(%z)
output "y" = %y
output "k" = %k
`,
  TINPU_OPERATORS,
);

const SEQUENCE: InputSequence = {
  prefix: 'p',
  bias: Float32Array.of(0),
  scale: Float32Array.of(1),
  shift: Int32Array.of(1),
};

type Arrays = Readonly<Record<string, readonly number[] | Tensor>>;

function bind(
  graph: typeof PLAIN,
  arrays: Arrays,
  sequences: readonly InputSequence[] = [],
): {
  readonly runs: readonly BoundVector[];
  readonly told: readonly Diagnostic[];
} {
  const told: Diagnostic[] = [];
  const list = Object.entries(arrays).map(([name, value]) => ({
    name,
    role: undefined,
    tensor: value instanceof Tensor ? value : new Tensor('float64', [value.length], Float64Array.from(value)),
  }));
  const runs = bindVectors(
    { graph, source: graph },
    { sets: [{ label: 'set 0', arrays: list }], sequences },
    { report: (diagnostic) => told.push(diagnostic) },
  );
  return { runs, told };
}

const plain = (runs: readonly BoundVector[]): unknown =>
  runs.map(({ label, feeds, expected }) => ({
    label,
    feeds: [...feeds].map(([name, tensor]) => [name, tensor.dims, tensor.toNumbers()]),
    expected: expected.map(({ name, kind, elements, given }) => [
      name,
      kind,
      Array.from(elements),
      ...(given === undefined ? [] : [Array.from(given)]),
    ]),
  }));

describe('bindVectors', () => {
  it('makes as many runs as the elements are, and takes fewer results', () => {
    const z = Tensor.float32([2, 3], [1, 2, 3, 4, 5, 6]);
    expect(plain(bind(PLAIN, { x: [1, 2, 3, 4], z, y: [-1, -2], k: [-1, -2, -3, -4, -5, -6] }).runs)).toEqual([
      {
        label: 'set 0, vector 0',
        feeds: [
          ['x', [1, 2], [1, 2]],
          ['z', [1, 3], [1, 2, 3]],
        ],
        expected: [
          ['y', 'output', [-1, -2]],
          ['k', 'output', [-1, -2, -3]],
        ],
      },
      {
        label: 'set 0, vector 1',
        feeds: [
          ['x', [1, 2], [3, 4]],
          ['z', [1, 3], [4, 5, 6]],
        ],
        expected: [['k', 'output', [-4, -5, -6]]],
      },
    ]);
  });

  it.each<[what: string, graph: typeof PLAIN, arrays: Arrays, message: string]>([
    ['a missing input', PLAIN, { x: [1, 2], y: [1, 2] }, "set 0 has no input 'z'; the model takes 'x', 'z'"],
    ['a size nobody tells', PLAIN, { x: [1, 2], z: [1, 2] }, "'z' has no shape that tells its sizes"],
    ['half an input', NORMALISED, { x: [1, 2, 3], y: [1] }, "'x' has 3 elements, accepted for 'x': a multiple of 2"],
    [
      'other numbers of vectors',
      PLAIN,
      { x: [1, 2, 3, 4], z: Tensor.float32([1, 1], [1]) },
      "'z' has 1 vectors, other inputs 2",
    ],
    [
      'other integers',
      NORMALISED,
      { x: [1, 2], input_q: [1, 2, 3, 4], y: [1] },
      'the input has 1 vectors, its integers have 2',
    ],
    ['integers beyond the type', NORMALISED, { input_q: [1, 300], y: [1] }, "element 1 of 'q' is 300"],
    ['too many results', NORMALISED, { x: [1, 2], y: [1, 2] }, "'y' has 2 elements"],
    ['nothing to compare', NORMALISED, { x: [1, 2], other: [1] }, 'nothing to compare'],
  ])('refuses %s', (_, graph, arrays, message) => {
    expect(() => bind(graph, arrays)).toThrow(message);
  });

  it('tells names that say nothing, and shapes that are others', () => {
    const { told } = bind(NORMALISED, { x: Tensor.float32([1, 1, 2], [1, 2]), y: [1], what: [1] });
    expect(told.map(({ code }) => code)).toEqual(['unknown-vector']);
    const shaped = bind(NORMALISED, { x: Tensor.float32([2, 1], [1, 2]), y: [1] });
    expect(shaped.told.map(({ code }) => code)).toEqual(['vector-shape']);
  });
});

describe('integers of an input', () => {
  it('must be what the model makes of floats', () => {
    const { runs } = bind(NORMALISED, { x: [1, 2], input_q: [1, 3] });
    expect(plain(runs)).toMatchObject([{ feeds: [['x', [1, 2], [1, 2]]], expected: [['q', 'tensor', [1, 3]]] }]);
  });

  it('are given past the input sequence when no floats are known', () => {
    const [run] = bind(NORMALISED, { input_q: [1, 3], y: [4] }).runs;
    expect([...(run?.forced ?? [])].map(([{ name }, tensor]) => [name, tensor.dtype, tensor.toNumbers()])).toEqual([
      ['q', 'int8', [1, 3]],
    ]);
  });
});

describe("a header's input sequence", () => {
  it('makes the integers of a model that takes them', () => {
    const graph = parseGraph(
      'graph "net"\ninput %x: float32[N,2]\n%y: float32[N,2] = Neg(%x)\noutput "y" = %y\n',
      TINPU_OPERATORS,
    );
    const alone = bind(graph, { x: [5, -0.5], y: [-2, 1] }, [SEQUENCE]);
    expect(plain(alone.runs)).toMatchObject([{ feeds: [['x', [1, 2], [2, -1]]] }]);
    expect(alone.runs[0]?.truncatedFeeds?.get('x')?.toNumbers()).toEqual([2, 0]);
    expect(alone.told.map(({ message }) => message)).toEqual([
      "set 0: C code that casts to int32 before it shifts differs by 1 from the floor of 'p' for 1 of 2 inputs",
    ]);
    const both = bind(graph, { x: [5, -0.5], input_q: [2, 0], y: [-2, 0] }, [SEQUENCE]);
    expect(plain(both.runs)).toMatchObject([
      {
        feeds: [['x', [1, 2], [2, 0]]],
        expected: [
          ['p', 'input-sequence', [2, 0], [2, -1]],
          ['y', 'output', [-2, 0]],
        ],
      },
    ]);
  });

  it('is compared with that of a model that has its own', () => {
    const { runs } = bind(NORMALISED, { x: [5, -3], y: [2] }, [SEQUENCE]);
    expect(plain(runs)).toMatchObject([
      {
        expected: [
          ['q', 'input-sequence', [2, -2]],
          ['y', 'output', [2]],
        ],
      },
    ]);
  });
});
