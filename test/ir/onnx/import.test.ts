import { describe, expect, it } from 'vitest';
import { UserError, type Diagnostic } from '../../../src/ir/diagnostics.js';
import { importModel, type ImportOptions } from '../../../src/ir/onnx/import.js';
import { OPERATORS } from '../../../src/ir/ops/index.js';
import { verifyGraph } from '../../../src/ir/verify.js';
import { describeGraph } from '../../support/describe-graph.js';
import { floats, int64s, modelBytes, type ModelSpec } from '../../support/onnx-builder.js';

function refusals(spec: ModelSpec, options?: ImportOptions): readonly Diagnostic[] {
  try {
    importModel(modelBytes(spec), options);
  } catch (error) {
    if (error instanceof UserError) return error.diagnostics;
    throw error;
  }
  return [];
}

const messages = (spec: ModelSpec, options?: ImportOptions): string[] =>
  refusals(spec, options).map(({ message }) => message);

const relu = (spec: Partial<ModelSpec> = {}): ModelSpec => ({
  nodes: [{ op: 'Relu', inputs: ['x'], outputs: ['y'] }],
  inputs: [{ name: 'x', shape: [1, 4] }],
  outputs: [{ name: 'y', shape: [1, 4] }],
  ...spec,
});

describe('importModel', () => {
  it('reads a graph with labels, types, constants and origins', () => {
    const { graph } = importModel(
      modelBytes({
        name: 'net',
        nodes: [
          { op: 'Gemm', name: 'fc', inputs: ['x', 'w', ''], outputs: ['h'], attributes: { transB: { int: 1 } } },
          { op: 'Relu', domain: 'ai.onnx', inputs: ['h'], outputs: ['y', ''] },
        ],
        inputs: [{ name: 'x', shape: ['N', 2] }],
        outputs: [{ name: 'y' }],
        initializers: [floats('w', [3, 2], [1, 2, 3, 4, 5, 6]), floats('unused', [1], [0])],
      }),
    );
    expect(graph.name).toBe('net');
    expect(describeGraph(graph)).toEqual([
      'input x: float32[N,2]',
      'h: float32[N,3] = Gemm(x, float32[3,2](1 2 3 4 5 6)) {transB = 1}',
      'y: float32[N,3] = Relu(h)',
      'output y = y',
    ]);
    expect(graph.nodes.map(({ name, origins }) => [name, origins])).toEqual([
      ['fc', [{ index: 0, name: 'fc', op: 'Gemm' }]],
      ['Relu_1', [{ index: 1, name: 'Relu_1', op: 'Relu' }]],
    ]);
    expect(graph.nodes[0]?.inputs[1]?.name).toBe('w');
    expect(verifyGraph(graph, OPERATORS)).toEqual([]);
  });

  it('reads the head of the file', () => {
    const { metadata } = importModel(
      modelBytes(
        relu({
          opset: 13,
          irVersion: 7,
          producer: 'p',
          imports: [['ai.onnx.ml', 2]],
          metadata: [
            ['k', 'v'],
            ['__proto__', 'w'],
          ],
        }),
      ),
    );
    expect(metadata).toMatchObject({ irVersion: 7, opset: 13, producer: 'p', producerVersion: '', domain: '' });
    expect([...metadata.metadataProps]).toEqual([
      ['k', 'v'],
      ['__proto__', 'w'],
    ]);
  });

  it('makes initializers that are listed as inputs constants', () => {
    for (const irVersion of [3, 8]) {
      const spec = relu({
        irVersion,
        nodes: [{ op: 'Add', inputs: ['x', 'w'], outputs: ['y'] }],
        inputs: [
          { name: 'w', shape: [4] },
          { name: 'x', shape: [1, 4] },
        ],
        initializers: [floats('w', [4], [1, 2, 3, 4])],
      });
      expect(importModel(modelBytes(spec)).graph.inputs.map(({ name }) => name)).toEqual(['x']);
    }
  });

  it('lets an input and an initializer be outputs', () => {
    const spec = relu({ nodes: [], outputs: [{ name: 'x' }, { name: 'c' }], initializers: [floats('c', [1], [7])] });
    expect(describeGraph(importModel(modelBytes(spec)).graph)).toEqual([
      'input x: float32[1,4]',
      'output x = x',
      'output c = float32[1](7)',
    ]);
  });

  it('names the dimensions that the file leaves open, each by itself', () => {
    const spec = relu({
      nodes: [
        { op: 'Relu', inputs: ['x'], outputs: ['y'] },
        { op: 'Relu', inputs: ['z'], outputs: ['w'] },
      ],
      inputs: [
        { name: 'x', shape: ['N', null, 0, -1, '', 2] },
        { name: 'z', shape: ['N', 'x_dim1', null] },
      ],
      outputs: [{ name: 'y' }, { name: 'w' }],
    });
    expect(importModel(modelBytes(spec)).graph.inputs.map(({ type }) => type.shape)).toEqual([
      ['N', 'x_dim1_1', 'x_dim2', 'x_dim3', 'x_dim4', 2],
      ['N', 'x_dim1', 'z_dim2'],
    ]);
  });

  it('gives sizes to open dimensions', () => {
    const spec = relu({ inputs: [{ name: 'x', shape: ['N', 4] }] });
    const { graph } = importModel(modelBytes(spec), { freeDims: new Map([['N', 8]]) });
    expect(graph.outputs[0]?.value.type.shape).toEqual([8, 4]);
    expect(messages(spec, { freeDims: new Map([['M', 8]]) })).toEqual([
      "no graph input has a dimension 'M', for which a size is given",
    ]);
    expect(messages(spec, { freeDims: new Map([['N', 0]]) })[0]).toContain("the size given for dimension 'N' is 0");
  });

  it('sorts the nodes and says so', () => {
    const spec = relu({
      nodes: [
        { op: 'Add', inputs: ['b', 'a'], outputs: ['y'] },
        { op: 'Relu', inputs: ['x'], outputs: ['a'] },
        { op: 'Tanh', inputs: ['a'], outputs: ['b'] },
      ],
    });
    const { graph, diagnostics } = importModel(modelBytes(spec));
    expect(graph.nodes.map(({ op }) => op)).toEqual(['Relu', 'Tanh', 'Add']);
    expect(graph.nodes.map(({ origins }) => origins[0]?.index)).toEqual([1, 2, 0]);
    expect(diagnostics.map(({ code, severity }) => [code, severity])).toEqual([['sorted-nodes', 'info']]);
  });

  it('sorts a chain of 30000 nodes given backwards without recursion', () => {
    const count = 30_000;
    const nodes = Array.from({ length: count }, (_, i) => ({
      op: 'Relu',
      inputs: [i === count - 1 ? 'x' : `v${i + 1}`],
      outputs: [i === 0 ? 'y' : `v${i}`],
    }));
    expect(importModel(modelBytes(relu({ nodes }))).graph.nodes).toHaveLength(count);
  });

  it('carries the sizes of shapes through', () => {
    const spec: ModelSpec = {
      nodes: [
        { op: 'Shape', inputs: ['x'], outputs: ['s'] },
        { op: 'Gather', inputs: ['s', 'zero'], outputs: ['n'] },
        { op: 'Unsqueeze', inputs: ['n', 'zero'], outputs: ['n1'] },
        { op: 'Concat', inputs: ['n1', 'rest'], outputs: ['t'], attributes: { axis: { int: 0 } } },
        { op: 'Reshape', inputs: ['x', 't'], outputs: ['y'] },
      ],
      inputs: [{ name: 'x', shape: ['N', 3, 4] }],
      outputs: [{ name: 'y' }],
      initializers: [int64s('zero', [0]), int64s('rest', [-1])].map((tensor, i) =>
        i === 0 ? { ...tensor, dims: [] } : tensor,
      ),
    };
    const zero1 = {
      ...spec,
      nodes: spec.nodes?.map((node) => (node.op === 'Unsqueeze' ? { ...node, inputs: ['n', 'one0'] } : node)) ?? [],
    };
    const { graph } = importModel(
      modelBytes({ ...zero1, initializers: [...(spec.initializers ?? []), int64s('one0', [0])] }),
    );
    expect(graph.outputs[0]?.value.type.shape).toEqual(['N', 12]);
  });

  it('takes declared sizes for symbols that a node brings in, and for no others', () => {
    const nodes = [{ op: 'NonZero', inputs: ['x'], outputs: ['y'] }];
    const declare = (shape: (number | string)[]): unknown =>
      importModel(modelBytes(relu({ nodes, outputs: [{ name: 'y', type: 7, shape }] }))).graph.outputs[0]?.value.type
        .shape;
    expect(declare([2, 5])).toEqual([2, 5]);
    expect(declare([2, 'K'])).toEqual([2, 'dim']);
    const batch = importModel(modelBytes(relu({ inputs: [{ name: 'x', shape: ['N', 4] }] })));
    expect(batch.graph.outputs[0]?.value.type.shape).toEqual(['N', 4]);
    expect(batch.diagnostics).toEqual([]);
  });

  it.each([
    [{ name: 'y', shape: [1, 5] }, "the file declares 'y' as FLOAT[1,5], but Relu gives FLOAT[1,4], which counts"],
    [{ name: 'y', shape: [4] }, "the file declares 'y' as FLOAT[4], but Relu gives FLOAT[1,4], which counts"],
    [
      { name: 'y', type: 7, shape: ['N', 4] },
      "the file declares 'y' as INT64[N,4], but Relu gives FLOAT[1,4], which counts",
    ],
  ])('warns of the declaration %j', (output, message) => {
    const { diagnostics } = importModel(modelBytes(relu({ outputs: [output] })), { file: 'm.onnx' });
    expect(diagnostics).toEqual([
      {
        code: 'declared-type',
        severity: 'warning',
        message,
        at: { file: 'm.onnx', nodeIndex: 0, op: 'Relu', value: 'y' },
      },
    ]);
  });

  it('infers the type of attributes that do not declare it', () => {
    const spec = relu({
      nodes: [
        {
          op: 'MaxPool',
          inputs: ['x'],
          outputs: ['y'],
          attributes: {
            kernel_shape: { ints: [2, 2], typed: false },
            auto_pad: { string: 'SAME_UPPER', typed: false },
            ceil_mode: { int: 0, typed: false },
          },
        },
      ],
      inputs: [{ name: 'x', shape: [1, 1, 4, 4] }],
      outputs: [{ name: 'y' }],
    });
    expect(describeGraph(importModel(modelBytes(spec)).graph)[1]).toBe(
      'y: float32[1,1,4,4] = MaxPool(x) {kernel_shape = [2, 2], auto_pad = "SAME_UPPER", ceil_mode = 0}',
    );
  });

  it('survives names that objects already have', () => {
    const names = ['__proto__', 'constructor', 'toString', 'hasOwnProperty'];
    const nodes = names.map((name, i) => ({ op: 'Relu', name, inputs: [names[i - 1] ?? 'x'], outputs: [name] }));
    const { graph } = importModel(
      modelBytes(relu({ nodes, outputs: [{ name: 'hasOwnProperty' }], inputs: [{ name: 'x', shape: ['__proto__'] }] })),
    );
    expect(graph.nodes.map(({ outputs }) => outputs[0]?.name)).toEqual(names);
    for (const op of names)
      expect(messages(relu({ nodes: [{ op, inputs: ['x'], outputs: ['y'] }] }))[0]).toContain(`operator ${op} is`);
    expect(
      messages(
        relu({ nodes: [{ op: 'Relu', inputs: ['x'], outputs: ['y'], attributes: [['__proto__', { int: 1 }]] }] }),
      ),
    ).toEqual(['attribute __proto__ of Relu is not known']);
  });

  it('takes labels for what it adds that nothing else bears', () => {
    const spec: ModelSpec = {
      opset: 11,
      nodes: [
        { op: 'Softmax', name: 's', inputs: ['x'], outputs: ['s_softmax'], attributes: { axis: { int: 1 } } },
        { op: 'Relu', inputs: ['s_softmax'], outputs: ['s_flatten'] },
      ],
      inputs: [{ name: 'x', shape: [2, 3, 4] }],
      outputs: [{ name: 's_flatten' }],
    };
    const { graph } = importModel(modelBytes(spec));
    expect(graph.nodes.map(({ outputs }) => outputs[0]?.name)).toEqual([
      's_flatten_1',
      's_softmax_1',
      's_softmax',
      's_flatten',
    ]);
    expect(verifyGraph(graph, OPERATORS)).toEqual([]);
  });
});

describe('refusals', () => {
  it('come all at once, with their places', () => {
    const found = refusals(
      {
        nodes: [
          { op: 'If', name: 'branch', inputs: ['c'], outputs: ['a'], attributes: { then_branch: { graph: {} } } },
          { op: 'Concat', inputs: ['a', 'x'], outputs: ['b'] },
          { op: 'MatMul', name: 'mm', inputs: ['x', 'x'], outputs: ['d'] },
          { op: 'Add', inputs: ['d', 'b'], outputs: ['e'] },
          { op: 'Attention', domain: 'com.microsoft', inputs: ['e'], outputs: ['f'] },
          { op: 'Relu', inputs: ['f', 'f'], outputs: ['y'] },
          { op: 'QLinearAdd', domain: 'x.y', inputs: ['missing'], outputs: ['z'] },
        ],
        inputs: [
          { name: 'x', shape: [2, 3] },
          { name: 'c', type: 9, shape: [] },
        ],
        outputs: [{ name: 'y' }, { name: 'nothing' }],
      },
      { file: 'm.onnx' },
    );
    expect(found.map(({ code, at }) => [at?.nodeIndex, code])).toEqual([
      [6, 'undefined-tensor'],
      [undefined, 'undefined-tensor'],
      [0, 'unsupported-operator'],
      [1, 'invalid-attribute'],
      [2, 'shape-mismatch'],
      [4, 'unsupported-operator'],
      [5, 'invalid-input'],
      [6, 'unsupported-operator'],
    ]);
    expect(found.every(({ severity, at }) => severity === 'error' && at?.file === 'm.onnx')).toBe(true);
    expect(found[2]).toEqual({
      code: 'unsupported-operator',
      severity: 'error',
      message: 'the operator If is not supported: control flow cannot be compiled',
      at: { file: 'm.onnx', nodeIndex: 0, node: 'branch', op: 'If' },
      hint: 'Export the model so that no branch or loop depends on data, or run it outside of the model.',
    });
  });

  it('do not cascade from a shape that does not fit', () => {
    const spec = relu({
      nodes: [
        { op: 'Add', inputs: ['x', 'w'], outputs: ['a'] },
        { op: 'Softmax', inputs: ['a'], outputs: ['b'] },
        { op: 'Clip', inputs: ['b'], outputs: ['c'], attributes: { max: { float: 6 } } },
        { op: 'Upsample', inputs: ['c'], outputs: ['y'], attributes: { scales: { floats: [1, 2] } } },
      ],
      opset: 7,
      initializers: [floats('w', [3], [1, 2, 3])],
    });
    expect(refusals(spec).map(({ code, at }) => [code, at?.nodeIndex])).toEqual([['shape-mismatch', 0]]);
  });

  it.each<[string, Partial<ModelSpec>, string]>([
    ['no opset', { opset: null }, 'the model does not import ai.onnx, opsets 1 to 27 are accepted'],
    ['an unknown opset', { opset: 28 }, 'the model is of opset 28, opsets 1 to 27 are accepted'],
    ['opset 0', { opset: 0 }, 'the model is of opset 0, opsets 1 to 27 are accepted'],
    ['no IR version', { irVersion: 0 }, 'the file declares no IR version, so it is no ONNX model'],
    [
      'training information',
      { training: true },
      'the model carries instructions for training, only inference is accepted',
    ],
    ['no outputs', { outputs: [] }, 'the graph has no outputs'],
    ['an output listed twice', { outputs: [{ name: 'y' }, { name: 'y' }] }, "graph output 'y' is listed twice"],
    [
      'an input without a name',
      {
        inputs: [
          { name: '', shape: [1] },
          { name: 'x', shape: [1] },
        ],
      },
      'a graph input has no name',
    ],
    [
      'an input defined twice',
      {
        inputs: [
          { name: 'x', shape: [1] },
          { name: 'x', shape: [1] },
        ],
      },
      "graph input 'x' is defined twice",
    ],
    [
      'an input of unknown rank',
      { inputs: [{ name: 'x' }] },
      "graph input 'x' is refused: its number of dimensions is not declared",
    ],
    [
      'an input of strings',
      { inputs: [{ name: 'x', type: 8, shape: [1] }] },
      "graph input 'x' is refused: its element type is STRING, which is not supported",
    ],
    [
      'a sequence',
      { inputs: [{ name: 'x', kind: 'sequence' }] },
      "graph input 'x' is refused: it is a sequence, only dense tensors are accepted",
    ],
    [
      'a map',
      { inputs: [{ name: 'x', kind: 'map' }] },
      "graph input 'x' is refused: it is a map, only dense tensors are accepted",
    ],
    [
      'an optional value',
      { inputs: [{ name: 'x', kind: 'optional' }] },
      "graph input 'x' is refused: it is an optional value, only dense tensors are accepted",
    ],
    [
      'an input without a type',
      { inputs: [{ name: 'x', kind: 'none' }] },
      "graph input 'x' is refused: it is declared without a type, only dense tensors are accepted",
    ],
    [
      'sizes that overflow',
      { inputs: [{ name: 'x', shape: [2 ** 40, 2 ** 40] }] },
      "graph input 'x' is refused: its dimensions 1099511627776x1099511627776 multiply to more than 2^53 elements",
    ],
    [
      'an initializer defined twice',
      { initializers: [floats('w', [1], [1]), floats('w', [1], [2])] },
      "initializer 'w' is defined twice",
    ],
    [
      'a result that is an input',
      { nodes: [{ op: 'Relu', inputs: ['x'], outputs: ['x'] }], outputs: [{ name: 'x' }] },
      "tensor 'x' is defined twice, the second time here",
    ],
    [
      'a node without an operator',
      { nodes: [{ op: '', inputs: ['x'], outputs: ['y'] }] },
      'the node names no operator',
    ],
    [
      'an operator of the quantised dialect',
      { nodes: [{ op: 'q.Bnorm', inputs: ['x'], outputs: ['y'] }] },
      'the operator q.Bnorm is not supported: quantc does not know it',
    ],
    [
      'a result of too many elements',
      {
        nodes: [{ op: 'Expand', inputs: ['x', 's'], outputs: ['y'] }],
        initializers: [int64s('s', [2 ** 30, 2 ** 30, 4])],
      },
      'Expand gives 1073741824x1073741824x4, which is more than 2^53 elements',
    ],
    [
      'a subgraph',
      { nodes: [{ op: 'Relu', inputs: ['x'], outputs: ['y'], attributes: { body: { graph: {} } } }] },
      'attribute body: it holds a graph, which is not supported',
    ],
    [
      'an attribute given twice',
      {
        nodes: [
          {
            op: 'Concat',
            inputs: ['x'],
            outputs: ['y'],
            attributes: [
              ['axis', { int: 0 }],
              ['axis', { int: 1 }],
            ],
          },
        ],
      },
      'attribute axis: it is given twice',
    ],
    [
      'an attribute without a value',
      { nodes: [{ op: 'Concat', inputs: ['x'], outputs: ['y'], attributes: { axis: { bytes: new Uint8Array() } } }] },
      'attribute axis: it has neither a type nor a value',
    ],
    [
      'an attribute that contradicts its type',
      {
        nodes: [
          {
            op: 'Concat',
            inputs: ['x'],
            outputs: ['y'],
            attributes: { axis: { bytes: Uint8Array.of(0xa0, 1, 1, 24, 5) } },
          },
        ],
      },
      'attribute axis: its type says f, but the value is in i',
    ],
  ])('of %s', (_, change, message) => expect(messages(relu(change))).toContain(message));

  it('of models of IR 1 and 2 are not for the missing opset: it is 1', () => {
    expect(importModel(modelBytes(relu({ opset: null, irVersion: 2 }))).metadata.opset).toBe(1);
  });

  it('of two opsets is a warning; the last one counts', () => {
    const { metadata, diagnostics } = importModel(modelBytes(relu({ opset: 21, imports: [['ai.onnx', 17]] })));
    expect(metadata.opset).toBe(17);
    expect(diagnostics.map(({ message }) => message)).toEqual([
      'the model imports ai.onnx in versions 21 and 17; 17 counts',
    ]);
  });

  it('of a newer opset can be lifted', () => {
    expect(importModel(modelBytes(relu({ opset: 28 })), { maxOpset: 28 }).metadata.opset).toBe(28);
  });

  it.each([24, 25, 26, 27])('of opset %i are those of the operators that it brought nothing to', (opset) => {
    expect(importModel(modelBytes(relu({ opset }))).metadata.opset).toBe(opset);
  });

  it('of a cycle name its nodes', () => {
    const nodes = [
      { op: 'Add', name: 'p', inputs: ['x', 'c'], outputs: ['a'] },
      { op: 'Relu', inputs: ['a'], outputs: ['b'] },
      { op: 'Tanh', name: 'q', inputs: ['b'], outputs: ['c'] },
      { op: 'Relu', inputs: ['c'], outputs: ['y'] },
    ];
    expect(messages(relu({ nodes }))).toEqual([
      "the nodes depend on each other in a circle: node 0 'p' (Add), node 2 'q' (Tanh), node 1 (Relu)",
    ]);
    expect(messages(relu({ nodes: [{ op: 'Relu', inputs: ['y'], outputs: ['y'] }] }))).toEqual([
      'the nodes depend on each other in a circle: node 0 (Relu)',
    ]);
  });

  it('of sparse initializers are told once', () => {
    const sparse = [{ values: floats('w', [1], [1]), indices: int64s('', [2]), dims: [4] }];
    const nodes = [{ op: 'Add', inputs: ['x', 'w'], outputs: ['y'] }];
    expect(messages(relu({ sparse, nodes }))).toEqual(["initializer 'w' is sparse, only dense tensors are accepted"]);
  });

  it('of initializers concern those that are read', () => {
    const text = { name: 'w', type: 8, dims: [1], strings: ['a'] };
    expect(importModel(modelBytes(relu({ initializers: [text] }))).graph.nodes).toHaveLength(1);
    const nodes = [{ op: 'Add', inputs: ['x', 'w'], outputs: ['y'] }];
    expect(messages(relu({ initializers: [text], nodes }))).toEqual([
      "initializer 'w' is refused: its element type is STRING, which is not supported",
    ]);
  });

  it('of external data are lifted by a resolver', () => {
    const w = { name: 'w', dims: [4], external: [['location', 'w.bin']] as const };
    const spec = relu({ initializers: [w], nodes: [{ op: 'Add', inputs: ['x', 'w'], outputs: ['y'] }] });
    expect(messages(spec)).toEqual([
      "initializer 'w' is refused: its data lie in the file 'w.bin', and only the model itself was given",
    ]);
    const { graph } = importModel(modelBytes(spec), { resolveExternal: (_, __, length) => new Uint8Array(length) });
    expect(describeGraph(graph)[1]).toBe('y: float32[1,4] = Add(x, float32[4](0 0 0 0))');
  });
});
