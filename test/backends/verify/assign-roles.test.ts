import { describe, expect, it } from 'vitest';
import { assignRoles } from '../../../src/backends/verify/assign-roles.js';
import { OPERATORS } from '../../../src/ir/ops/index.js';
import { Tensor } from '../../../src/ir/tensor.js';
import { parseGraph } from '../../../src/ir/text/parse.js';
import type { VectorArray } from '../../../src/runtime/vectors/vector-set.js';

const graph = parseGraph(
  `graph "net"
input %input_1: float32[2]
input %x: float32[2]
%"/a/b": float32[2] = Add(%input_1, %x) "/add"
%"c d": float32[2] = Neg(%"/a/b") "/neg"
%"c-d": float32[2] = Neg(%"c d") "/other"
%"c/d": float32[2] = Neg(%"c-d") "/last"
output "y" = %"c-d"
output "z" = %"c/d"
`,
  OPERATORS,
);

type Told = readonly [name: string, role?: VectorArray['role'], index?: number];

const assign = (...told: readonly Told[]): unknown => {
  const arrays = told.map(([name, role, index]) => ({ name, role, index, tensor: Tensor.float32([0], []) }));
  const assigned = assignRoles({ graph, source: graph }, { label: '', arrays });
  const { inputs, integers, outputs, tensors, unknown, contradiction } = assigned;
  const names = (map: ReadonlyMap<unknown, VectorArray>): unknown => [...map].map(([key, { name }]) => [key, name]);
  return {
    inputs: names(inputs),
    integers: names(integers),
    outputs: names(outputs),
    tensors: names(tensors),
    unknown: unknown.map(({ name }) => name),
    contradiction,
  };
};
const nothing = { inputs: [], integers: [], outputs: [], tensors: [], unknown: [], contradiction: undefined };

describe('assignRoles', () => {
  it('goes by names of the model before conventional ones', () => {
    expect(assign(['input_1'], ['input'], ['y'], ['output_1'], ['c d'])).toEqual({
      ...nothing,
      // input_1 is the first input, whose name it is; input is the first as well, and holds the same.
      inputs: [[0, 'input_1']],
      outputs: [
        ['y', 'y'],
        ['z', 'output_1'],
      ],
      tensors: [['c d', 'c d']],
    });
  });

  it('goes by the number of a file before its name', () => {
    expect(assign(['input_1', 'input', 1], ['input_0', 'input', 0], ['output_9', 'output', 9])).toEqual({
      ...nothing,
      inputs: [
        [1, 'input_1'],
        [0, 'input_0'],
      ],
      unknown: ['output_9'],
    });
  });

  it.each([
    ['inputs', 'inputs', 0],
    ['model_test_input_1', 'inputs', 1],
    ['input_q', 'integers', 0],
    ['MODEL_TEST_INPUT_Q_1', 'integers', 1],
    ['golden', 'outputs', 'y'],
    ['golden_output_1', 'outputs', 'z'],
    ['expected', 'outputs', 'y'],
  ])('knows %s', (name, group, key) => {
    expect(assign([name])).toEqual({ ...nothing, [group]: [[key, name]] });
  });

  it('goes by roles that a file tells', () => {
    expect(assign(['x', 'input-q'], ['y', 'output'], ['x', 'tensor'])).toEqual({
      ...nothing,
      integers: [[1, 'x']],
      outputs: [['y', 'y']],
      tensors: [['x', 'x']],
    });
    expect(assign(['input', 'tensor'])).toEqual({ ...nothing, unknown: ['input'] });
  });

  it('knows names as files bear them, where one tensor alone is meant', () => {
    expect(assign(['a_b'], ['c_d'], ['nothing'])).toEqual({
      ...nothing,
      tensors: [['/a/b', 'a_b']],
      unknown: ['c_d', 'nothing'],
    });
  });

  it('knows names as C bears them, and with the number of a layer in front', () => {
    expect(assign(['A_B'])).toEqual({ ...nothing, tensors: [['/a/b', 'A_B']] });
    expect(assign(['03_a_b'], ['layer07_y'], ['00_input'], ['3_c_d'])).toEqual({
      ...nothing,
      inputs: [[0, '00_input']],
      outputs: [['y', 'layer07_y']],
      tensors: [['/a/b', '03_a_b']],
      unknown: ['3_c_d'],
    });
  });

  it('tells of two arrays that stand for the same and hold other numbers', () => {
    const arrays = ['golden', 'y', 'expected_output'].map((name, i) => ({
      name,
      role: undefined,
      tensor: Tensor.float32([2], [1, i === 2 ? 3 : 2]),
    }));
    const of = (...which: readonly number[]): unknown =>
      assignRoles({ graph, source: graph }, { label: '', arrays: which.flatMap((i) => arrays[i] ?? []) }).contradiction;
    expect(of(0, 1)).toBeUndefined();
    expect(of(0, 1, 2)).toEqual(['y', 'expected_output']);
  });
});
