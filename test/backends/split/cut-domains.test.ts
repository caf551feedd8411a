import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cutDomains, type NodeDomain } from '../../../src/backends/split/cut-domains.js';
import type { Graph, Node, Value } from '../../../src/ir/graph.js';
import { OPERATORS } from '../../../src/ir/ops/index.js';
import { parseGraph } from '../../../src/ir/text/parse.js';
import { randomDomains } from '../../support/random-domains.js';

const FORMS: ReadonlyMap<string, NodeDomain> = new Map<string, NodeDomain>([
  ['Gemm', 'integer'],
  ['Sigmoid', 'float'],
  ['Max', 'rather-integer'],
  ['Flatten', 'rather-float'],
]);
const formOf = ({ op }: Node): NodeDomain => FORMS.get(op) ?? 'rather-integer';

const graphOf = (lines: string): Graph =>
  parseGraph(
    `graph "g"
    input %x: float32[N,4]
    const %w: float32[4,4] = random 1
    ${lines}`,
    OPERATORS,
  );

/** Labels of what computes on integers. */
const integers = (lines: string, integerOutputs = true): string[] =>
  [...cutDomains(graphOf(lines), { formOf, integerOutputs })].map(({ outputs }) => outputs[0]?.name ?? '');

describe('cutDomains', () => {
  it('keeps operators where they have to be', () => {
    expect(integers('%a = Gemm(%x, %w)\n%s = Sigmoid(%a)\n%b = Gemm(%s, %w)\noutput "b" = %b')).toEqual(['a', 'b']);
  });

  it('leaves what is between two float operators in float, whatever it would rather be', () => {
    expect(integers('%s = Sigmoid(%x)\n%m = Max(%s)\n%t = Sigmoid(%m)\noutput "t" = %t')).toEqual([]);
  });

  it('leaves what is between two layers on integers, whatever it would rather be', () => {
    const lines = '%a = Gemm(%x, %w)\n%f = Flatten(%a) {axis = 1}\n%b = Gemm(%f, %w)\noutput "b" = %b';
    expect(integers(lines)).toEqual(['a', 'f', 'b']);
  });

  it('puts what is between a layer and a float operator where it would rather be', () => {
    const between = (call: string): string[] =>
      integers(`%a = Gemm(%x, %w)\n%m = ${call}\n%s = Sigmoid(%m)\noutput "s" = %s`, false);
    expect(between('Max(%a)')).toEqual(['a', 'm']);
    expect(between('Flatten(%a) {axis = 1}')).toEqual(['a']);
  });

  it('has graph outputs deliver what is asked for', () => {
    const lines = '%a = Gemm(%x, %w)\n%m = Max(%a)\noutput "m" = %m';
    expect(integers(lines, true)).toEqual(['a', 'm']);
  });

  it('has as few boundaries as any split, and as few nodes that would rather be float among those', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e6 }), fc.boolean(), (seed, integerOutputs) => {
        const graph = parseGraph(randomDomains(seed, 7), OPERATORS);
        const found = costOf(graph, cutDomains(graph, { formOf, integerOutputs }), integerOutputs);
        expect(found).toBe(Math.min(...subsetsOf(graph.nodes).map((set) => costOf(graph, set, integerOutputs))));
      }),
      { seed: 11, numRuns: 60 },
    );
  });
});

const subsetsOf = (nodes: readonly Node[]): ReadonlySet<Node>[] =>
  Array.from({ length: 2 ** nodes.length }, (_, mask) => new Set(nodes.filter((__, i) => (mask >> i) & 1)));

/** A thousand for every tensor that is turned, in either direction, and one for every node against its wish. */
function costOf(graph: Graph, integer: ReadonlySet<Node>, integerOutputs: boolean): number {
  const misplaced = graph.nodes.some((node) => formOf(node) === (integer.has(node) ? 'float' : 'integer'));
  if (misplaced) return Infinity;
  const isTurned = (value: Value): boolean => {
    const { producer } = value;
    const own = producer !== undefined && integer.has(producer);
    const isOutput = producer !== undefined && graph.outputs.some((output) => output.value === value);
    const sides = [...value.uses].map(({ node }) => integer.has(node));
    return [...sides, ...(isOutput ? [integerOutputs] : [])].some((side) => side !== own);
  };
  const turned = [...graph.inputs, ...graph.nodes.flatMap(({ outputs }) => outputs)].filter(isTurned);
  const unwilling = graph.nodes.filter((node) => formOf(node) === 'rather-float' && integer.has(node));
  return turned.length * 1000 + unwilling.length;
}
