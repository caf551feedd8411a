import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { soleUser, type Graph, type Node, type Value } from '../../../../src/ir/graph.js';
import { OPERATORS } from '../../../../src/ir/ops/index.js';
import { parseGraph } from '../../../../src/ir/text/parse.js';
import { assignDomains, rawInput } from '../../../../src/backends/tinpu/split/domains.js';
import { integerForm } from '../../../../src/backends/tinpu/split/integer-form.js';
import { randomDomains } from '../../../support/random-domains.js';

type Output = 'int' | 'float';
const OUTPUTS: readonly Output[] = ['int', 'float'];

const parse = (text: string): Graph => parseGraph(text, OPERATORS);

/** Labels of what integers compute and of what real numbers do, in order. */
function splitOf(text: string, output: Output = 'int'): { integer: string; float: string } {
  const graph = parse(`graph "g"\n${CONSTANTS}\n${text}`);
  const { integer } = assignDomains(graph, output);
  const labels = (nodes: readonly Node[]): string => nodes.map((node) => node.outputs[0]?.name).join(' ');
  return {
    integer: labels(graph.nodes.filter((node) => integer.has(node))),
    float: labels(graph.nodes.filter((node) => !integer.has(node))),
  };
}

const CONSTANTS = `
  input %x: float32[N,4,4,4]
  const %k: float32[4,4,1,1] = random 1
  const %c: float32[4,1,1] = random 2
  const %zero: float32[] = [0]
  const %six: float32[] = [6]
  const %pads: int64[8] = [0, 0, 1, 1, 0, 0, 1, 1]
  const %one: int64[1] = [1]
  const %three: int64[1] = [3]
  const %shape: int64[4] = [0, 4, 2, -1]
  const %g: float32[4] = random 3
  const %v: float32[4] = splat 1`;

describe('assignDomains', () => {
  const splits: readonly (readonly [string, string, string, string, Output?])[] = [
    ['layers and what lies between', '%a = Conv(%x, %k)\n%b = Clip(%a, %zero)\n%y = Conv(%b, %k)', 'a b y', ''],
    ['an island at the end', '%a = Conv(%x, %k)\n%y = Sigmoid(%a)', 'a', 'y'],
    ['an island in between', '%a = Conv(%x, %k)\n%s = Sigmoid(%a)\n%y = Conv(%s, %k)', 'a y', 's'],
    ['a float function of the input', '%s = Sigmoid(%x)\n%y = Conv(%s, %k)', 'y', 's'],
    // Moving them into the island saves nothing; they are as good as free on integers.
    [
      'movers beside an island',
      '%a = Conv(%x, %k)\n%t = Reshape(%a, %shape)\n%s = Sin(%t)\n%u = Reshape(%s, %shape)\n%y = MaxPool(%u) {kernel_shape = [2, 2]}\n%z = Conv(%y, %k)',
      'a t u y z',
      's',
    ],
    // One boundary fewer in front, one behind.
    [
      'a mover inside an island',
      '%a = Conv(%x, %k)\n%s = Sin(%a)\n%t = Reshape(%s, %shape)\n%u = Cos(%t)\n%y = Conv(%u, %k)',
      'a y',
      's t u',
    ],
    [
      'an addition inside an island',
      '%a = Conv(%x, %k)\n%s = Sin(%a)\n%r = Cos(%a)\n%t = Add(%s, %r)\n%y = Tanh(%t)',
      'a',
      's r t y',
    ],
    [
      'an addition of a layer and an island in front of a layer',
      '%a = Conv(%x, %k)\n%s = Sin(%a)\n%t = Add(%a, %s)\n%y = Conv(%t, %k)',
      'a t y',
      's',
    ],
    [
      'squeeze and excite',
      '%a = Conv(%x, %k)\n%m = GlobalAveragePool(%a)\n%e = Conv(%m, %k)\n%s = Sigmoid(%e)\n%t = Mul(%a, %s)\n%y = Conv(%t, %k)',
      'a m e y',
      's t',
    ],
    ['movers of the input', '%t = Reshape(%x, %shape)\n%y = Conv(%t, %k)', 't y', ''],
    ['a clip of the input, which saturation does', '%t = Clip(%x, %zero, %six)\n%y = Conv(%t, %k)', 'y', 't'],
    ['Relu of a layer in front of an island', '%a = Conv(%x, %k)\n%r = Clip(%a, %zero)\n%y = Sigmoid(%r)', 'a r', 'y'],
    ['Relu of a layer at a float output', '%a = Conv(%x, %k)\n%y = Clip(%a, %zero)', 'a y', '', 'float'],
    [
      'Relu of a sum at a float output',
      '%a = Conv(%x, %k)\n%b = Add(%a, %a)\n%y = Clip(%b, %zero)',
      'a b y',
      '',
      'float',
    ],
    [
      'a clip with its layer read elsewhere, in front of an island',
      '%a = Conv(%x, %k)\n%b = Conv(%a, %k)\n%r = Clip(%a, %zero)\n%s = Sigmoid(%r)\n%y = Sin(%b)\n%z = Tanh(%a)\noutput "z" = %z\noutput "s" = %s',
      'a b',
      'r s y z',
    ],
    ['movers at a float output', '%a = Conv(%x, %k)\n%y = Reshape(%a, %shape)', 'a y', '', 'float'],
    ['a mover that leads from the input to an output', '%y = Reshape(%x, %shape)', 'y', '', 'int'],
    ['a mover that leads from the input to a float output', '%y = Reshape(%x, %shape)', '', 'y', 'float'],
    [
      'a layer with a computed kernel',
      'input %kernel: float32[4,4,1,1]\n%a = Conv(%x, %k)\n%b = Conv(%a, %kernel)\n%y = Conv(%b, %k)',
      'a y',
      'b',
    ],
  ];
  for (const [name, text, integer, float, output] of splits) {
    it(`splits ${name}`, () => {
      expect(splitOf(`${text}\noutput "y" = %y`, output)).toEqual({ integer, float });
    });
  }

  it.each([
    'Reshape(%a, %shape)',
    'Transpose(%a) {perm = [0, 1, 3, 2]}',
    'Slice(%a, %one, %three, %three)',
    'Pad(%a, %pads)',
    'Pad(%a, %pads, %zero)',
    'MaxPool(%a) {kernel_shape = [2, 2]}',
    'Concat(%a, %a) {axis = 2}',
    'Max(%a, %a)',
    'Add(%a, %a)',
    'Add(%a, %c)',
    'Clip(%a, %zero, %six)',
  ])('makes no island of %s between layers, whatever is delivered', (call) => {
    for (const output of OUTPUTS) {
      const text = `%a = Conv(%x, %k)\n%m = ${call}\n%b = Conv(%m, %k)\noutput "b" = %b`;
      expect(splitOf(text, output)).toEqual({ integer: 'a m b', float: '' });
      // Nor where the tensor in front has other readers.
      const read = `%a = Conv(%x, %k)\n%s = Sigmoid(%a)\n%m = ${call}\n%b = Conv(%m, %k)\noutput "b" = %b\noutput "s" = %s`;
      expect(splitOf(read, output)).toEqual({ integer: 'a m b', float: 's' });
    }
  });

  it('makes no island of many clips side by side', () => {
    const count = 200;
    const clips = Array.from({ length: count }, (_, i) => `%c${i} = Clip(%a, %zero)`);
    const joined = Array.from({ length: count }, (_, i) => `%c${i}`).join(', ');
    const text = `%a = Conv(%x, %k)\n${clips.join('\n')}\n%m = Max(${joined})\n%y = Conv(%m, %k)\noutput "y" = %y`;
    expect(splitOf(text).float).toBe('');
  });

  describe('on random graphs', () => {
    it('has as few boundaries as any assignment, and of those the fewest clips, then the most integers', () => {
      let islands = 0;
      let several = 0;
      fc.assert(
        fc.property(
          fc.nat(2 ** 31 - 1),
          fc.integer({ min: 3, max: 11 }),
          fc.constantFrom(...OUTPUTS),
          (seed, nodes, output) => {
            const graph = parse(randomDomains(seed, nodes));
            const { integer } = assignDomains(graph, output);
            const costs = assignments(graph).map((candidate) => [candidate, costOf(graph, candidate, output)] as const);
            const least = Math.min(...costs.map(([, cost]) => cost));
            const best = costs.filter(([, cost]) => cost === least).map(([candidate]) => candidate);
            const largest = new Set(best.flatMap((candidate) => [...candidate]));
            const labels = (set: ReadonlySet<Node>): (string | undefined)[] =>
              graph.nodes.filter((node) => set.has(node)).map((node) => node.outputs[0]?.name);
            expect(labels(integer)).toEqual(labels(largest));
            expect(costOf(graph, integer, output)).toBe(least);
            if (integer.size > 0 && integer.size < graph.nodes.length) islands++;
            if (best.length > 1) several++;
          },
        ),
        { seed: 6, numRuns: 250 },
      );
      expect(islands).toBeGreaterThan(100);
      expect(several).toBeGreaterThan(20);
    });
  });

  it('makes a normalisation of the input part of its quantisation, behind layouts too', () => {
    const affines = (text: string): number => {
      const graph = parse(`graph "g"\n${CONSTANTS}\n${text}\n%y = Conv(%n, %k)\noutput "y" = %y`);
      return assignDomains(graph, 'int').inputAffines.size;
    };
    const norm = (x: string): string => `%n = BatchNormalization(${x}, %g, %g, %g, %v)`;
    expect(affines(norm('%x'))).toBe(1);
    expect(affines(`%t = Transpose(%x) {perm = [0, 1, 3, 2]}\n${norm('%t')}`)).toBe(1);
    expect(affines(`%t = Sin(%x)\n${norm('%t')}`)).toBe(0);
    expect(affines(`%t = Conv(%x, %k)\n${norm('%t')}`)).toBe(0);
    expect(affines(`const %low: float32[4] = splat -2\n${norm('%x').replace('%v', '%low')}`)).toBe(0);
    expect(affines(`input %gamma: float32[4]\n${norm('%x').replace('%g', '%gamma')}`)).toBe(0);
  });
});

/** Every set of nodes that could compute on integers. */
function assignments({ nodes }: Graph): ReadonlySet<Node>[] {
  const forms = nodes.map((node) => [node, integerForm(node).kind] as const);
  const fixed = forms.flatMap(([node, kind]) => (kind === 'layer' || kind === 'pool' ? [node] : []));
  const free = forms.flatMap(([node, kind]) => (kind === 'mover' || kind === 'add' || kind === 'clip' ? [node] : []));
  return Array.from(
    { length: 2 ** free.length },
    (_, bits) => new Set([...fixed, ...free.filter((__, i) => ((bits >> i) & 1) === 1)]),
  );
}

/** 1000 for every tensor that is quantised or dequantised, 1 for every Clip on integers that no layer does. */
function costOf(graph: Graph, integer: ReadonlySet<Node>, output: Output): number {
  const isInteger = ({ producer }: Value): boolean => producer !== undefined && integer.has(producer);
  const boundaries = [...graph.inputs, ...graph.nodes.flatMap(({ outputs }) => outputs)].filter((value) => {
    const readers = [...value.uses].map(({ node }) => integer.has(node));
    if (value.producer !== undefined && graph.outputs.some((each) => each.value === value))
      readers.push(output === 'int');
    return readers.some((reader) => reader !== isInteger(value));
  });
  const clips = [...integer].filter((node) => {
    const [source] = node.inputs;
    if (node.op !== 'Clip' || source === undefined) return false;
    const merges = ['Gemm', 'Add'].includes(source.producer?.op ?? '') && soleUser(graph, source) === node;
    return !merges;
  });
  return 1000 * boundaries.length + clips.length;
}

describe('rawInput', () => {
  it('looks through what rearranges elements, and no further', () => {
    const graph = parse(`graph "g"\n${CONSTANTS}
      %t = Transpose(%x) {perm = [0, 1, 3, 2]}
      %u = Reshape(%t, %shape)
      %m = MaxPool(%u) {kernel_shape = [1, 1]}
      output "u" = %u
      output "m" = %m`);
    expect(graph.outputs.map(({ value }) => rawInput(value).name)).toEqual(['x', 'm']);
  });
});
