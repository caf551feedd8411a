import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Graph, Node, Value } from '../../../src/ir/graph.js';
import { parseGraph } from '../../../src/ir/text/parse.js';
import { TINPU_OPERATORS } from '../../../src/backends/tinpu/dialect.js';
import { peakActivationBytes } from '../../../src/backends/report/memory.js';

const peakOf = (text: string): number => peakActivationBytes(parseGraph(`graph "g"\n${text}`, TINPU_OPERATORS));

const BNORM = (result: string, sum: string): string =>
  `%${result} = q.Bnorm(%${sum}, %none, %unit, %none) {lo = -128, hi = 127}`;
const CONSTANTS = `const %none: int32[1] = [0]
  const %unit: int32[1] = [1]`;

describe('peakActivationBytes', () => {
  it.each([
    ['an input that is delivered as it is', 'input %x: float32[N,5]\noutput "x" = %x', 20],
    ['an input that nothing reads', 'input %x: float32[N,5]\ninput %z: int8[N,3]\noutput "z" = %z', 23],
    [
      'float input beside its integers',
      `input %x: float32[N,10]
       ${CONSTANTS}
       const %zero: float32[] = [0]
       %q = q.InputNorm(%x, %zero, %zero, %none) {lo = -128, hi = 127}
       output "q" = %q`,
      40 + 10,
    ],
    [
      'a layer: its input and its result, no room for the accumulator',
      `input %x: int8[N,6]
       ${CONSTANTS}
       const %w: int8[6,4] = splat 1
       const %v: int8[4,3] = splat 1
       %s = q.MatMul(%x, %w)
       ${BNORM('y', 's')}
       %t = q.MatMul(%y, %v)
       ${BNORM('z', 't')}
       output "z" = %z`,
      6 + 4,
    ],
    [
      'a layer in the middle that is the widest',
      `input %x: int8[N,2]
       ${CONSTANTS}
       const %w: int8[2,9] = splat 1
       const %v: int8[9,8] = splat 1
       %s = q.MatMul(%x, %w)
       ${BNORM('y', 's')}
       %t = q.MatMul(%y, %v)
       ${BNORM('z', 't')}
       output "z" = %z`,
      9 + 8,
    ],
    [
      'a tensor that a later layer reads again',
      `input %x: int8[N,2]
       ${CONSTANTS}
       const %w: int8[2,9] = splat 1
       const %u: int8[9,8] = splat 1
       const %v: int8[2,7] = splat 1
       %s = q.MatMul(%x, %w)
       ${BNORM('y', 's')}
       %t = q.MatMul(%y, %u)
       ${BNORM('z', 't')}
       %r = q.MatMul(%x, %v)
       ${BNORM('q', 'r')}
       output "z" = %z
       output "q" = %q`,
      2 + 9 + 8,
    ],
    [
      'layouts that reuse their source, and a Transpose that does not',
      `input %x: int8[N,3,4]
       %f = Flatten(%x) {axis = 1}
       %u = Transpose(%x) {perm = [0, 2, 1]}
       output "f" = %f
       output "u" = %u`,
      12 + 12,
    ],
    [
      'MaxPool beside its source',
      `input %x: uint8[N,1,4,4]
       %m = MaxPool(%x) {kernel_shape = [2, 2], strides = [2, 2]}
       output "m" = %m`,
      16 + 4,
    ],
    [
      'a float function behind the integers',
      `input %x: int8[N,5]
       %r = q.Dequantize(%x) {scale = 0.5}
       %y = Softmax(%r) {axis = 1}
       output "y" = %y`,
      20 + 20,
    ],
    ['unknown sizes, of which one element is counted', 'input %x: int8[N,3,L]\n%y = Transpose(%x)\noutput "y" = %y', 6],
    [
      'an elementwise result in the place of an input that dies there',
      'input %x: float32[N,5]\n%s = Softmax(%x) {axis = 1}\n%y = Tanh(%s)\n%z = Sigmoid(%y)\noutput "z" = %z',
      20 + 20,
    ],
    [
      'an elementwise result beside an input that is read again',
      'input %x: float32[N,5]\n%y = Tanh(%x)\n%z = Add(%x, %y)\noutput "z" = %z',
      20 + 20,
    ],
    [
      'a broadcast beside what it reads',
      'input %x: float32[N,1]\ninput %z: float32[N,4]\n%y = Equal(%x, %z)\noutput "y" = %y',
      4 + 16 + 4,
    ],
  ])('counts %s', (_, text, bytes) => {
    expect(peakOf(text)).toBe(bytes);
  });

  it('agrees with a count of what is needed at each step, on random graphs', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(), fc.nat(), fc.nat()), { minLength: 1, maxLength: 12 }), (draws) => {
        const graph = randomGraph(draws);
        expect(peakActivationBytes(graph)).toBe(countedPeak(graph));
      }),
      { seed: 7, numRuns: 300 },
    );
  });
});

/** A float graph over tensors of 2 and 3 elements: elementwise functions, layouts and others. */
function randomGraph(draws: readonly (readonly [number, number, number])[]): Graph {
  const sizes = [2, 3];
  const lines = ['graph "g"', 'input %v0: float32[N,2]', 'input %v1: float32[N,3]', 'const %w: float32[2,3] = splat 1'];
  for (const [kind, a, b] of draws) {
    const own = sizes[a % sizes.length];
    const alike = sizes.flatMap((size, i) => (size === own ? [`%v${i}`] : []));
    const [left, right] = [`%v${a % sizes.length}`, alike[b % alike.length]];
    const name = `%v${sizes.length}`;
    if (own === 2 && kind % 5 === 0) {
      lines.push(`${name} = MatMul(${left}, %w)`);
      sizes.push(3);
      continue;
    }
    const calls = [
      `Softmax(${left}) {axis = 1}`,
      `Tanh(${left})`,
      `Add(${left}, ${right})`,
      `Flatten(${left}) {axis = 1}`,
    ];
    lines.push(`${name} = ${calls[kind % calls.length]}`);
    sizes.push(own ?? 0);
  }
  lines.push(`output "y" = %v${sizes.length - 1}`, `output "z" = %v${sizes.length - 1 - ((draws[0]?.[1] ?? 0) % 2)}`);
  return parseGraph(lines.join('\n'), TINPU_OPERATORS);
}

/** Sums, step by step, the tensors that were computed and are still needed; one may be overwritten by the step's result. */
function countedPeak(graph: Graph): number {
  const bytes = (value: Value): number => 4 * Number(value.type.shape[1]);
  const isLayout = ({ op }: Node): boolean => op === 'Flatten';
  const lastNeed = (value: Value): number =>
    Math.max(
      graph.outputs.some((output) => output.value === value) ? graph.nodes.length : -1,
      ...[...value.uses].map(({ node }) =>
        isLayout(node) ? Math.max(graph.nodes.indexOf(node), lastNeed(node.outputs[0]!)) : graph.nodes.indexOf(node),
      ),
    );
  const source = (value: Value): Value =>
    value.producer !== undefined && isLayout(value.producer) ? source(value.producer.inputs[0]!) : value;
  const held = [
    ...graph.inputs.map((value) => ({ value, from: -1, to: lastNeed(value) < 0 ? Infinity : lastNeed(value) })),
    ...graph.nodes.flatMap((node, from) =>
      isLayout(node) ? [] : [{ value: node.outputs[0]!, from, to: Math.max(from, lastNeed(node.outputs[0]!)) }],
    ),
  ];
  const at = (step: number): number => {
    const sum = held.filter(({ from, to }) => from <= step && step <= to).reduce((s, { value }) => s + bytes(value), 0);
    const node = graph.nodes[step];
    if (node === undefined || !['Tanh', 'Add'].includes(node.op)) return sum;
    const [result] = node.outputs;
    const dies = node.inputs.some((input) => held.some(({ value, to }) => value === source(input!) && to === step));
    return dies ? sum - bytes(result!) : sum;
  };
  return Math.max(...[-1, ...graph.nodes.keys()].map(at));
}
