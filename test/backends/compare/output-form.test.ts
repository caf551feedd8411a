import { describe, expect, it } from 'vitest';
import { outputForms, realOf, stepsOf, type OutputForm } from '../../../src/backends/compare/output-form.js';
import type { QuantisedTensor } from '../../../src/backends/compare/quantised-tensor.js';
import { TINPU_OPERATORS } from '../../../src/backends/tinpu/dialect.js';
import { valuesOf, type Graph } from '../../../src/ir/graph.js';
import { parseGraph } from '../../../src/ir/text/parse.js';

const parse = (text: string): Graph => parseGraph(`graph "g"\n${text}`, TINPU_OPERATORS);
const FLOAT = parse(`input %x: float32[1,2]
%a: float32[1,2] = Neg(%x)
%b: float32[1,2] = Abs(%x)
output "a" = %a
output "b" = %b
`);
const quantised = (first: string, second: string): Graph =>
  parse(`input %x: int8[1,2]
%q: int8[1,2] = Neg(%x)
const %s: float32[] = [0.5]
const %z: int8[] = [3]
%d: float32[1,2] = DequantizeLinear(%q, %s, %z)
output "${first}" = %q
output "${second}" = %d
`);
const tensorsOf = (graph: Graph, scale: number | undefined): QuantisedTensor[] =>
  [...valuesOf(graph)]
    .filter(({ name }) => name === 'q')
    .map((value) => ({ value, labels: [], grid: { scale, zeroPoint: 3, lo: -128, hi: 127 }, weights: undefined }));

describe('outputForms', () => {
  const told = (graph: Graph): OutputForm[] => outputForms(FLOAT, graph, tensorsOf(graph, 0.5), new Map());

  it('pairs by name where all names are known, in order otherwise', () => {
    const names = (graph: Graph): unknown => told(graph).map(({ name, quantised: other }) => [name, other]);
    expect(names(quantised('b', 'a'))).toEqual([
      ['a', 'a'],
      ['b', 'b'],
    ]);
    expect(names(quantised('b', 'other'))).toEqual([
      ['a', 'b'],
      ['b', 'other'],
    ]);
  });

  it('finds the integers at an output and behind its dequantisation', () => {
    expect(told(quantised('a', 'b')).map(({ delivers, tensor }) => [delivers, tensor?.value.name])).toEqual([
      ['integers', 'q'],
      ['reals', 'q'],
    ]);
  });

  it('takes the scale that the model tells of an output, unless the graph has one or the integers are sums', () => {
    const graph = quantised('a', 'b');
    const gridOf = (scale: number | undefined, bits: number): unknown => {
      const facts = new Map([['a', { scale: 0.125, zeroPoint: 7, bits, signed: true }]]);
      return outputForms(FLOAT, graph, tensorsOf(graph, scale), facts)[0]?.tensor?.grid;
    };
    expect(gridOf(undefined, 8)).toMatchObject({ scale: 0.125, zeroPoint: 7 });
    expect(gridOf(0.5, 8)).toMatchObject({ scale: 0.5, zeroPoint: 3 });
    expect(gridOf(undefined, 32)).toMatchObject({ scale: undefined, zeroPoint: 3 });
  });

  it('refuses models of different numbers of outputs', () => {
    const one = parse('input %x: int8[1,2]\n%q: int8[1,2] = Neg(%x)\noutput "a" = %q\n');
    expect(() => told(one)).toThrow('the first model has 2 outputs, the second 1');
  });
});

const GRID = { scale: 0.5, zeroPoint: 3, lo: -128, hi: 127 };
const form = (delivers: OutputForm['delivers']): OutputForm => ({
  name: 'y',
  quantised: 'y',
  delivers,
  tensor: undefined,
});

describe('realOf', () => {
  it('is scale · (integer - zero point), or the result itself where it is real', () => {
    expect(realOf(form('integers'), GRID)(7)).toBe(2);
    expect(realOf(form('reals'), GRID)(7)).toBe(7);
    expect(realOf(form('integers'), undefined)(7)).toBe(7);
  });
});

describe('stepsOf', () => {
  it('counts steps from the zero point, for both models alike', () => {
    const integers = stepsOf(form('integers'), GRID);
    const reals = stepsOf(form('reals'), GRID);
    expect([integers.stepOfResult(7), reals.stepOfResult(2), reals.stepOfReal(2.2)]).toEqual([4, 4, 4]);
    // The largest integer is 124 steps above the zero point.
    expect(integers.stepOfReal(1e6)).toBe(124);
    expect(integers.stepOfReal(-1e6)).toBe(-131);
  });

  it('tells any two numbers apart without a grid', () => {
    const { stepOfReal, stepOfResult } = stepsOf(form('reals'), undefined);
    expect([stepOfReal(0.1), stepOfResult(0.2)]).toEqual([0.1, 0.2]);
  });
});
