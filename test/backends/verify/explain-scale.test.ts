import { describe, expect, it } from 'vitest';
import { TINPU_OPERATORS } from '../../../src/backends/tinpu/dialect.js';
import type { BoundVector, ExpectedKind } from '../../../src/backends/verify/bound-vector.js';
import { dequantisedScales, explainScale, type OutputScale } from '../../../src/backends/verify/explain-scale.js';
import { judgeVector } from '../../../src/backends/verify/judge-vector.js';
import { resultKey } from '../../../src/backends/verify/run-vector.js';
import { Tensor } from '../../../src/ir/tensor.js';
import { parseGraph } from '../../../src/ir/text/parse.js';

type Item = readonly [kind: ExpectedKind, name: string, expected: readonly number[], computed: readonly number[]];

function explain(items: readonly Item[], told: Readonly<Record<string, OutputScale>> = {}): unknown {
  const vector: BoundVector = {
    label: 'set 0',
    feeds: new Map(),
    forced: new Map(),
    truncatedFeeds: undefined,
    expected: items.map(([kind, name, elements]) => ({ kind, name, elements })),
  };
  const results = new Map(
    items.map(([kind, name, , computed]) => [resultKey({ kind, name }), Tensor.float32([computed.length], computed)]),
  );
  const verdicts = judgeVector(vector, results, new Map(), 0);
  return explainScale(vector, results, verdicts, new Map(Object.entries(told)));
}

const INTEGERS = [68, -74, 0, 127, -128, 1];
const real = (scale: number, integers: readonly number[] = INTEGERS): number[] =>
  integers.map((value) => Math.fround(value * Math.fround(scale)));
const cause = (name: string): unknown => expect.objectContaining({ cause: name });
const output = (expected: readonly number[], computed: readonly number[]): Item => ['output', 'y', expected, computed];

describe('dequantisedScales', () => {
  it('are those of outputs that the model dequantises', () => {
    const graph = parseGraph(
      `graph "net"
input %x: int8[1,2]
%y: float32[1,2] = q.Dequantize(%x) {scale = 0.25}
output "y" = %y
output "x" = %x
`,
      TINPU_OPERATORS,
    );
    expect([...dequantisedScales(graph)]).toEqual([['y', { scale: 0.25, zeroPoint: 0 }]]);
  });
});

describe('explainScale', () => {
  it.each([0.0371, 0.125, 1e-6, 3.7])('finds golden outputs that are %d times the integers', (scale) => {
    expect(explain([output(real(scale), INTEGERS)])).toEqual(cause('real-outputs'));
    const printed = real(scale).map((value) => Number(value.toPrecision(6)));
    expect(explain([output(printed, INTEGERS)])).toEqual(cause('real-outputs'));
  });

  it('tells the scale', () => {
    expect(explain([output(real(0.0371), INTEGERS)])).toMatchObject({
      text: 'the golden outputs are real: 0.0371 times the integers that the model computes',
    });
  });

  it('finds integers against a model that dequantises', () => {
    expect(explain([output(INTEGERS, real(0.0371))])).toEqual(cause('integer-outputs'));
  });

  it('does not hide an integer that is off by one, or another sign', () => {
    for (const i of INTEGERS.keys()) {
      const other = INTEGERS.map((value, k) => (k === i ? value + 1 : value));
      expect(explain([output(real(0.0371, other), INTEGERS)])).toBeUndefined();
    }
    expect(explain([output(real(-0.0371), INTEGERS)])).toBeUndefined();
  });

  it('takes two magnitudes for evidence, one only with the scale that the model tells', () => {
    expect(explain([output([0.5], [4])])).toBeUndefined();
    expect(explain([output([0.5, -0.5], [4, -4])])).toBeUndefined();
    expect(explain([output([0.5], [4])], { y: { scale: 0.125, zeroPoint: 0 } })).toEqual(cause('real-outputs'));
    expect(explain([output([0.25], [4])], { y: { scale: 0.125, zeroPoint: 2 } })).toEqual(cause('real-outputs'));
    expect(explain([output([0.5], [4])], { y: { scale: 0.25, zeroPoint: 0 } })).toBeUndefined();
  });

  it('explains nothing while a tensor inside differs, or an output otherwise', () => {
    const scaled = output(real(0.0371), INTEGERS);
    expect(explain([['tensor', 't', [1], [2]], scaled])).toBeUndefined();
    expect(explain([['output', 'z', [1], [2]], scaled])).toBeUndefined();
    expect(explain([['tensor', 't', [2], [2]], ['output', 'z', [3], [3]], scaled])).toEqual(cause('real-outputs'));
  });
});
