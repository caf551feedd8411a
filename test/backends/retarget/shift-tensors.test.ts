import { describe, expect, it } from 'vitest';
import { shiftRegion } from '../../../src/backends/retarget/shift-region.js';
import { shiftTensors } from '../../../src/backends/retarget/shift-tensors.js';
import { cloneGraph } from '../../../src/ir/clone.js';
import { GraphEditor } from '../../../src/ir/editor.js';
import { valuesOf, type Graph } from '../../../src/ir/graph.js';
import { OPERATORS } from '../../../src/ir/ops/index.js';
import { uniformSource } from '../../../src/ir/random.js';
import { Tensor } from '../../../src/ir/tensor.js';
import { parseGraph } from '../../../src/ir/text/parse.js';
import { verifyGraph } from '../../../src/ir/verify.js';
import { prepare } from '../../../src/runtime/executor.js';
import { FLOAT_KERNELS } from '../../../src/runtime/float/index.js';

const CONV = 'kernel_shape = [1, 1], strides = [1, 1], pads = [0, 0, 0, 0], dilations = [1, 1], group = 1';
const OFFSET = 3.5;

const next = uniformSource(5);
const X = Tensor.float32(
  [3, 4, 6, 6],
  Float32Array.from({ length: 432 }, () => next()),
);

/** Every tensor that is computed, by label. */
function tensorsOf(graph: Graph): Map<string, number[]> {
  const tensors = new Map<string, number[]>();
  prepare(graph, FLOAT_KERNELS).run(new Map([['x', X]]), {
    observe: ({ name }, tensor) => {
      tensors.set(name, tensor.toNumbers());
      return undefined;
    },
  });
  return tensors;
}

/** Shifts the region about a tensor; the tensors of both graphs. */
function shifted(label: string, lines: string) {
  const before = parseGraph(
    `graph "g"
    input %x: float32[N,4,6,6]
    const %w: float32[4,4,1,1] = random 1
    const %v: float32[4,2,3,3] = random 2
    const %up: float32[4,3,1,1] = random 6
    const %u: float32[4,5] = random 3
    const %wide: float32[144,3] = random 7
    const %b: float32[4] = random 4
    ${lines}
    output "y" = %y`,
    OPERATORS,
  );
  const { graph } = cloneGraph(before);
  const start = [...valuesOf(graph)].find(({ name }) => name === label) ?? expect.fail(label);
  const region = shiftRegion(graph, start, true);
  if ('obstacle' in region) expect.fail(region.obstacle);
  const labels = [...shiftTensors(new GraphEditor(graph), region, OFFSET)].map(([{ name }, old]) => [name, old]);
  expect(verifyGraph(graph, OPERATORS)).toEqual([]);
  return { graph, labels, real: tensorsOf(before), tensors: tensorsOf(graph) };
}

/** Sums of some hundred terms of magnitude 10 in float32. */
const PRECISION = 4;

const expectClose = (actual: readonly number[] | undefined, expected: readonly number[] | undefined): void => {
  expect(actual).toHaveLength(expected?.length ?? NaN);
  for (const [i, x] of (expected ?? []).entries()) expect(actual?.[i]).toBeCloseTo(x, PRECISION);
};

describe('shiftTensors', () => {
  it.each([
    ['a layer', 't', `%t = Conv(%x, %w, %b) {${CONV}}\n%y = Conv(%t, %w) {${CONV}}`],
    ['a layer without a bias', 't', `%t = Conv(%x, %w) {${CONV}}\n%y = Conv(%t, %w, %b) {${CONV}}`],
    [
      'a layer in front of one with groups',
      't',
      `%t = Conv(%x, %w) {${CONV}}\n%y = Conv(%t, %v, %b) {${CONV.replace('kernel_shape = [1, 1]', 'kernel_shape = [3, 3]').replace('group = 1', 'group = 2')}}`,
    ],
    ['a transposed layer', 't', `%t = ConvTranspose(%x, %w, %b) {${CONV}}\n%y = ConvTranspose(%t, %up) {${CONV}}`],
    [
      'what movers and means make of it',
      't',
      `%t = Conv(%x, %w) {${CONV}}
      %p = MaxPool(%t) {kernel_shape = [2, 2], strides = [2, 2], pads = [1, 1, 1, 1], dilations = [1, 1], ceil_mode = 0}
      %g = GlobalAveragePool(%p)
      %f = Flatten(%g) {axis = 1}
      %y = Gemm(%f, %u)`,
    ],
    ['an input and what movers make of it', 'x', `%f = Flatten(%x) {axis = 1}\n%y = Gemm(%f, %wide)`],
    ['an input', 'x', `%y = Conv(%x, %w, %b) {${CONV}}`],
    [
      'an input affine',
      't',
      `%t = BatchNormalization(%x, %b, %b, %b, %bb)\n%y = Conv(%t, %w) {${CONV}}`.replace('%bb', '%w1'),
    ],
    ['a float operator', 't', `%t = HardSwish(%x)\n%y = Conv(%t, %w) {${CONV}}`],
    [
      'what float operators read',
      't',
      `%t = Conv(%x, %w) {${CONV}}\n%e = Elu(%t)\n%z = Conv(%t, %w) {${CONV}}\n%y = Sub(%z, %e)`,
    ],
    ['an output', 't', `%t = Conv(%x, %w) {${CONV}}\n%y = Transpose(%t) {perm = [0, 2, 3, 1]}`],
  ])('adds the number to %s, and leaves the function', (_, label, lines) => {
    const variance = 'const %w1: float32[4] = [1, 2, 3, 4]\n';
    const { real, tensors, labels } = shifted(label, variance + lines);
    expectClose(tensors.get('y'), real.get('y'));
    expect(labels.length).toBeGreaterThan(0);
    for (const [name = '', old = ''] of labels) {
      expect(name).toBe(`${old}/shifted`);
      const original = old === 'x' ? X.toNumbers() : real.get(old);
      expectClose(
        tensors.get(name),
        original?.map((x) => x + OFFSET),
      );
    }
  });

  it('adds no operator between layers, and none but a subtraction in front of an output', () => {
    const layers = shifted('t', `%t = Conv(%x, %w, %b) {${CONV}}\n%y = Conv(%t, %w) {${CONV}}`);
    expect(layers.graph.nodes.map(({ op }) => op)).toEqual(['Conv', 'Conv']);
    const output = shifted('t', `%t = Conv(%x, %w) {${CONV}}\n%y = Transpose(%t) {perm = [0, 2, 3, 1]}`);
    expect(output.graph.nodes.map(({ op }) => op)).toEqual(['Conv', 'Transpose', 'Sub']);
    expect(output.graph.outputs[0]?.value.name).toBe('y');
  });

  it('leaves weights alone', () => {
    const { graph } = shifted('t', `%t = Conv(%x, %w, %b) {${CONV}}\n%y = Conv(%t, %w) {${CONV}}`);
    const [first, second] = graph.nodes.map(({ inputs }) => inputs[1]);
    expect(first).toBe(second);
  });
});
