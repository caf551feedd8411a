import { describe, expect, it } from 'vitest';
import { isFoldedConv, weightsOf } from '../../../src/backends/weights/weights-of.js';
import type { Node } from '../../../src/ir/graph.js';
import { OPERATORS } from '../../../src/ir/ops/index.js';
import { parseGraph } from '../../../src/ir/text/parse.js';

function layer(x: string, constants: string, call: string): Node {
  const [node] = parseGraph(
    `graph "g"\ninput %x: float32[${x}]\n${constants}\n%y = ${call}\noutput "y" = %y`,
    OPERATORS,
  ).nodes;
  if (node === undefined) throw new Error('no node');
  return node;
}

/** The output channel of every weight, by the words of the operator text: loops over the axes of the weights. */
function channelsByLoops(op: string, dims: readonly number[], group: number): number[] {
  const [first = 0, second = 0, ...kernel] = dims;
  const area = kernel.reduce((product, size) => product * size, 1);
  const channels: number[] = [];
  for (let a = 0; a < first; a++) {
    for (let b = 0; b < second; b++) {
      // Conv [M, C/group, …]; ConvTranspose [C, M/group, …], where input channel a is of group a · group / C; Gemm [K, M].
      const transposed = Math.floor(a / (first / group)) * second + b;
      for (let k = 0; k < area; k++) channels.push(op === 'Conv' ? a : op === 'Gemm' ? b : transposed);
    }
  }
  return channels;
}

describe('weightsOf', () => {
  it.each([
    ['Conv', 'N,4,5,5', [6, 2, 3, 2], 2],
    ['Conv', 'N,4,5,5', [4, 1, 2, 3], 4],
    ['Conv', 'N,3,5,5', [5, 3, 1, 1], 1],
    ['ConvTranspose', 'N,6,5,5', [6, 2, 3, 2], 3],
    ['ConvTranspose', 'N,4,5,5', [4, 3, 2, 2], 2],
    ['ConvTranspose', 'N,4,5,5', [4, 1, 2, 2], 4],
    ['ConvTranspose', 'N,2,5,5', [2, 3, 1, 2], 1],
    ['Gemm', 'N,4', [4, 3], 1],
    ['Gemm', 'N,1', [1, 1], 1],
  ] as const)('%s of %s with weights %j in %i groups', (op, x, dims, group) => {
    const expected = channelsByLoops(op, dims, group);
    const attrs = op === 'Gemm' ? '' : `{group = ${group}}`;
    const node = layer(x, `const %w: float32[${dims.join()}] = random 3`, `${op}(%x, %w) ${attrs}`);
    const { weights, bias, channels, channelOf, taps } = weightsOf(node);
    expect(Array.from(weights, (_, i) => channelOf(i))).toEqual(expected);
    expect(channels).toBe(node.outputs[0]?.type.shape[1]);
    expect(taps).toBe(expected.filter((channel) => channel === 0).length);
    expect(weights).toBe(node.inputs[1]?.constant?.data);
    expect(bias).toBeUndefined();
  });

  it('gives the bias and the origins of the node', () => {
    const constants = 'const %w: float32[2,3] = random 3\nconst %b: float32[3] = [1, 2, 3]';
    const node = layer('N,2', constants, 'Gemm(%x, %w, %b) "fc" @[4 "fc" "Gemm"]');
    expect(weightsOf(node)).toMatchObject({ bias: Float32Array.of(1, 2, 3), origins: node.origins });
    expect(node.origins).toHaveLength(1);
  });

  it('has no taps without channels', () => {
    const node = layer('N,2', 'const %w: float32[2,0] = []', 'Gemm(%x, %w)');
    expect(weightsOf(node)).toMatchObject({ channels: 0, taps: 0 });
  });

  it.each([
    ['weights of another type', 'float64[N,2]', 'const %w: float64[2,2] = splat 1', 'Gemm(%x, %w)'],
    ['weights that the model computes', 'float32[2,2]', '', 'Gemm(%x, %x)'],
    [
      'a bias that is no float32',
      'float64[N,2]',
      'const %w: float32[2,2] = splat 1\nconst %b: float64[2] = splat 1',
      'q.X(%x, %w, %b)',
    ],
  ])('finds %s to be a defect', (_, x, constants, call) => {
    const text = `graph "g"\ninput %x: ${x}\n${constants}\n%y: float32[N,2] = ${call} "odd"\noutput "y" = %y`;
    const [node] = parseGraph(text, OPERATORS).nodes;
    expect(() => weightsOf(node!)).toThrow("'odd' reached lowering without constant float32 weights");
  });
});

describe('isFoldedConv', () => {
  it.each([
    ['Conv', '@[0 "c" "Conv", 1 "b" "BatchNormalization"]', true],
    ['Conv', '@[0 "c" "Conv", 1 "b" "Relu"]', false],
    ['Conv', '', false],
    ['ConvTranspose', '@[0 "c" "ConvTranspose", 1 "b" "BatchNormalization"]', false],
  ])('%s %s: %s', (op, origins, is) => {
    expect(isFoldedConv(layer('N,1,1,1', 'const %w: float32[1,1,1,1] = [1]', `${op}(%x, %w) "n" ${origins}`))).toBe(is);
  });
});
