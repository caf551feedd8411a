import { describe, expect, it } from 'vitest';
import { exportModel } from '../../../src/ir/onnx/export.js';
import { importModel } from '../../../src/ir/onnx/import.js';
import { floats, modelBytes, type ModelSpec } from '../../support/onnx-builder.js';

const relu = (spec: Partial<ModelSpec> = {}): ModelSpec => ({
  nodes: [{ op: 'Relu', name: 'r', inputs: ['x'], outputs: ['y'] }],
  inputs: [{ name: 'x', shape: ['N', 4] }],
  outputs: [{ name: 'y' }],
  ...spec,
});

/** What is told of the file as a whole, a line each. */
const forms = (spec: ModelSpec): string[] =>
  importModel(modelBytes(spec))
    .normalisations.filter(({ at }) => at === undefined)
    .map(({ from, to, text }) => `${from} → ${to}: ${text}`);

describe('forms of the file that are normalised', () => {
  it('are none for a model in the newest form', () => {
    expect(importModel(modelBytes(relu())).normalisations).toEqual([]);
  });

  it.each<[string, Partial<ModelSpec>, readonly string[]]>([
    [
      'Constant nodes by what holds their value',
      {
        nodes: [
          { op: 'Constant', outputs: ['a'], attributes: { value: { tensor: floats('', [], [1]) } } },
          { op: 'Constant', outputs: ['b'], attributes: { value_float: { float: 2 } } },
          { op: 'Constant', name: 'named', outputs: ['c'], attributes: { value_float: { float: 3 } } },
          { op: 'Sum', name: 's', inputs: ['x', 'a', 'b', 'c'], outputs: ['y'] },
        ],
      },
      ['3 Constant nodes → constants: value, value_float'],
    ],
    [
      'initializers that are inputs as well, however many',
      {
        nodes: [
          {
            op: 'Sum',
            name: 's',
            inputs: ['x', ...Array.from({ length: 10 }, (_, i) => `w${i}`)],
            outputs: ['y'],
          },
        ],
        inputs: ['x', ...Array.from({ length: 10 }, (_, i) => `w${i}`)].map((name) => ({ name, shape: [4] })),
        initializers: Array.from({ length: 10 }, (_, i) => floats(`w${i}`, [4], [1, 2, 3, 4])),
      },
      [
        '10 initializers also listed among the graph inputs → constants alone: ' +
          "'w0', 'w1', 'w2', 'w3', 'w4', 'w5', 'w6', 'w7', and 2 more",
      ],
    ],
    [
      'initializers without a reader',
      { initializers: [floats('u', [1], [0])] },
      ["1 initializer that nothing reads → dropped: 'u'"],
    ],
    [
      'the long name of the default domain',
      {
        opset: null,
        imports: [['ai.onnx', 17]],
        nodes: [{ op: 'Relu', name: 'r', domain: 'ai.onnx', inputs: ['x'], outputs: ['y'] }],
      },
      ["domain 'ai.onnx' → the default domain: 1 opset import, 1 node"],
    ],
    [
      'the opset of models from before there were imports',
      { opset: null, irVersion: 2 },
      ['no import of ai.onnx → opset 1: what a model of IR version 2 without the import is of'],
    ],
    [
      'imports and functions without a use',
      { imports: [['ai.onnx.ml', 3]], functions: [{ domain: 'd', name: 'f' }] },
      ["1 opset import → ignored: no node is of 'ai.onnx.ml'", '1 local function → ignored: called by no node'],
    ],
    [
      'nodes without a name',
      {
        nodes: [
          { op: 'Relu', name: 'r', inputs: ['x'], outputs: ['a'] },
          { op: 'Tanh', inputs: ['a'], outputs: ['b'] },
          { op: 'Relu', inputs: ['b'], outputs: ['y'] },
        ],
      },
      ['2 unnamed nodes → labelled: by operator and position, as Tanh_1'],
    ],
    [
      'open dimensions with the symbols that they get',
      {
        nodes: [
          { op: 'Relu', name: 'r', inputs: ['x'], outputs: ['y'] },
          { op: 'Relu', name: 's', inputs: ['z'], outputs: ['w'] },
        ],
        inputs: [
          { name: 'x', shape: ['N', null, 0, -1, 2] },
          { name: 'z', shape: ['x_dim1', ''] },
        ],
        outputs: [{ name: 'y' }, { name: 'w' }],
      },
      [
        '4 input dimensions without a name or a size above 0 → symbols: ' +
          "axis 1 of 'x' is x_dim1_1, axis 2 of 'x' is x_dim2, axis 3 of 'x' is x_dim3, axis 1 of 'z' is z_dim1",
      ],
    ],
    [
      'another order of the nodes',
      {
        nodes: [
          { op: 'Relu', name: 'first', inputs: ['x'], outputs: ['a'] },
          { op: 'Relu', name: 'last', inputs: ['b'], outputs: ['y'] },
          { op: 'Tanh', name: 'between', inputs: ['a'], outputs: ['b'] },
        ],
      },
      ['order of the file → topological order: 2 of 3 nodes change their position'],
    ],
    [
      'attributes without a type and empty names at the end',
      {
        nodes: [
          {
            op: 'Clip',
            name: 'c',
            inputs: ['x', '', ''],
            outputs: ['a'],
          },
          { op: 'Softmax', name: 's', inputs: ['a'], outputs: ['y'], attributes: { axis: { int: 1, typed: false } } },
        ],
      },
      [
        '1 attribute without a type → typed: by the field that holds the value',
        'empty names at the end of inputs or outputs → left out: 1 node',
      ],
    ],
  ])('are %s', (_, spec, lines) => {
    expect(forms(relu(spec))).toEqual(lines);
    const written = exportModel(importModel(modelBytes(relu(spec))).graph, { opset: 21 });
    expect(importModel(written).normalisations).toEqual([]);
  });

  it('stand before those of the nodes', () => {
    const clip = { op: 'Clip', inputs: ['x'], outputs: ['y'], attributes: { max: { float: 6 } } };
    const { normalisations } = importModel(modelBytes(relu({ opset: 6, nodes: [clip] })));
    expect(normalisations.map(({ at, from }) => [at?.nodeIndex, from])).toEqual([
      [undefined, '1 unnamed node'],
      [0, 'Clip of opset 6'],
    ]);
  });
});
