import { describe, expect, it } from 'vitest';
import { openModel } from '../../../../src/backends/run.js';
import { UserError } from '../../../../src/ir/diagnostics.js';
import { opName } from '../../../../src/ir/graph.js';
import { importModel } from '../../../../src/ir/onnx/import.js';
import { Tensor } from '../../../../src/ir/tensor.js';
import { floats, modelBytes, type AttributeSpec, type NodeSpec } from '../../../support/onnx-builder.js';

type Attributes = Readonly<Record<string, AttributeSpec>>;

const scalar = (value: number, dims: readonly number[] = []): AttributeSpec => ({ tensor: floats('', dims, [value]) });
const TENSORS: Attributes = { div: scalar(16), n_levels_out: scalar(256, [1]), signed: scalar(0, [1]) };

/** A network of one node on an input of 2 channels. */
const network = (node: Partial<NodeSpec>, attributes: Attributes = TENSORS, domain = 'PACTOps'): Uint8Array =>
  modelBytes({
    irVersion: 5,
    opset: 10,
    imports: [[domain, 1]],
    nodes: [
      { op: 'RequantShift', domain, name: 'act', inputs: ['x', 'mul', 'add'], outputs: ['y'], attributes, ...node },
    ],
    inputs: [{ name: 'x', shape: [1, 2, 1, 2] }],
    outputs: [{ name: 'y', shape: [1, 2, 1, 2] }],
    initializers: [
      floats('mul', [2, 1, 1], [3, 5]),
      floats('add', [2, 1, 1], [0, 8]),
      floats('w', [2, 2, 1, 1], [1, 2, 3, 4]),
    ],
  });

const X = Tensor.float32([1, 2, 1, 2], [-100, 7, 30, 900]);
const run = (bytes: Uint8Array): number[] | undefined =>
  openModel(bytes)
    .run(new Map([['x', X]]))
    .get('y')
    ?.toNumbers();

/** clamp((3x + 8) / 16), clamp((5x + 8 + 8) / 16), rounded down; unsigned 8 bits. */
const UNSIGNED = [0, 1, 10, 255];

function refusal(bytes: Uint8Array): string {
  try {
    importModel(bytes);
  } catch (error) {
    if (error instanceof UserError) return error.message;
    throw error;
  }
  return 'accepted';
}

describe('RequantShift', () => {
  it.each<readonly [string, Attributes]>([
    ['float tensors', TENSORS],
    ['numbers of other kinds', { div: { int: 16 }, n_levels: { float: 256 }, signed: { int: 0 } }],
  ])('is read with attributes that are %s', (_, attributes) => {
    expect(run(network({}, attributes))).toEqual(UNSIGNED);
    const [node] = importModel(network({}, attributes)).graph.nodes;
    expect(node && opName(node)).toBe('q.RequantShift');
    expect(node?.attrs.int('shift')).toBe(4);
  });

  it('is read without its domain, and with its constants as attributes', () => {
    expect(run(network({}, TENSORS, ''))).toEqual(UNSIGNED);
    const attributes = { ...TENSORS, mul: { tensor: floats('', [2, 1, 1], [3, 5]) }, add: { int: 8 } };
    expect(run(network({ inputs: ['x'] }, attributes))).toEqual([0, 2, 10, 255]);
  });

  it('has levels around zero when it is signed', () => {
    expect(run(network({}, { ...TENSORS, signed: { int: 1 } }))).toEqual([-19, 1, 10, 127]);
    expect(run(network({}, { ...TENSORS, signed: { int: 1 }, n_levels_out: { int: 15 } }))).toEqual([-7, 1, 7, 7]);
  });

  it('is read behind a convolution that it is merged with', () => {
    const merged = network(
      { op: 'RequantizedConv', inputs: ['x', 'w', 'mul', 'add'] },
      { ...TENSORS, kernel_shape: { ints: [1, 1] } },
    );
    // Sums of channel 0: x0 + 2 x1, of channel 1: 3 x0 + 4 x1.
    const sums = [-40, 1807, -180, 3621];
    expect(run(merged)).toEqual(
      sums.map((sum, i) => Math.min(255, Math.max(0, Math.floor((i < 2 ? 3 * sum + 8 : 5 * sum + 16) / 16)))),
    );
    expect(openModel(merged).graph.nodes.map(opName)).toEqual(['Cast', 'q.Conv', 'q.RequantShift', 'Cast']);
  });

  it.each<readonly [string, Uint8Array, string]>([
    [
      'a divisor that is no power of two',
      network({}, { ...TENSORS, div: scalar(10) }),
      'attribute div of PACTOps.RequantShift is 10, powers of two',
    ],
    [
      'a missing divisor',
      network({}, { n_levels: { int: 4 }, signed: { int: 0 } }),
      'attribute div of PACTOps.RequantShift is missing',
    ],
    [
      'a list of levels',
      network({}, { ...TENSORS, n_levels_out: { ints: [4, 5] } }),
      'of kind ints, one integer is accepted',
    ],
    ['a single level', network({}, { ...TENSORS, n_levels_out: { int: 1 } }), '2 or more are accepted'],
    ['no multiplier', network({ inputs: ['x'] }), 'neither an input nor an attribute mul'],
    [
      'a merged addend that may hold the half',
      network({ op: 'RequantizedConv', inputs: ['x', 'w', 'mul', 'add'] }, { ...TENSORS, shift: { int: 4 } }),
      'its addend may hold the rounding half already or not',
    ],
    [
      'a merged node of more inputs',
      network({ op: 'RequantizedConv', inputs: ['x', 'w', 'add', 'mul', 'add'] }),
      'has 5 inputs',
    ],
  ])('refuses %s', (_, bytes, message) => {
    expect(refusal(bytes)).toContain(message);
  });
});
