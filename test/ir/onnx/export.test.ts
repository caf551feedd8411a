import { describe, expect, it } from 'vitest';
import { Attributes } from '../../../src/ir/attributes.js';
import { InternalError } from '../../../src/ir/diagnostics.js';
import { GraphEditor } from '../../../src/ir/editor.js';
import type { Graph, Value } from '../../../src/ir/graph.js';
import { exportModel, type ExportOptions } from '../../../src/ir/onnx/export.js';
import { importModel } from '../../../src/ir/onnx/import.js';
import { Tensor } from '../../../src/ir/tensor.js';
import { describeGraph } from '../../support/describe-graph.js';
import { runInOrt } from '../../support/ort-session.js';

const vector = { dtype: 'float32', shape: [4] } as const;

/** A graph around one input `x` of four elements. */
function graphOf(build: (editor: GraphEditor, x: Value) => void): Graph {
  const editor = GraphEditor.create('net');
  build(editor, editor.addInput('x', vector));
  return editor.graph;
}

function unary(editor: GraphEditor, op: string, input: Value, name: string): Value {
  const [value] = editor.addNode({ op, name, inputs: [input], outputs: [{ name, type: vector }] }).outputs;
  if (value === undefined) throw new Error('a node has a result');
  return value;
}

const again = (graph: Graph, options: ExportOptions = { opset: 17 }): string[] =>
  describeGraph(importModel(exportModel(graph, options)).graph);

describe('exportModel', () => {
  it('gives nodes of one name different ones, which ONNX Runtime asks for', async () => {
    const graph = graphOf((editor, x) => {
      const inner = editor.addNode({ op: 'Relu', name: 'same', inputs: [x], outputs: [{ name: 'a', type: vector }] });
      const outer = editor.addNode({
        op: 'Neg',
        name: 'same',
        inputs: inner.outputs,
        outputs: [{ name: 'y', type: vector }],
      });
      for (const y of outer.outputs) editor.addOutput('y', y);
    });
    const bytes = exportModel(graph, { opset: 17 });
    const results = await runInOrt(bytes, new Map([['x', Tensor.float32([4], [1, -2, 3, -4])]]));
    expect(results.get('y')?.toNumbers()).toEqual([-1, -0, -3, -0]);
    expect(importModel(bytes).graph.nodes.map(({ name }) => name)).toEqual(['same', 'same_1']);
  });

  it('writes what the importer reads back', () => {
    const graph = graphOf((editor, x) => {
      const w = editor.constant(Tensor.float32([4], [1, 2, 3, 4]), 'w');
      const bounds = [Tensor.float32([], [-1]), Tensor.float32([], [1])].map((tensor) =>
        editor.constant(tensor, 'bound'),
      );
      const sum = editor.addNode({ op: 'Add', inputs: [x, w], outputs: [{ name: 'sum', type: vector }] }).outputs[0];
      const clip = editor.addNode({ op: 'Clip', inputs: [sum, undefined, bounds[1]], outputs: [{ type: vector }] });
      const attrs = Attributes.of({ axis: -1 });
      const y = editor.addNode({
        op: 'Softmax',
        inputs: [clip.outputs[0]],
        outputs: [{ name: 'y', type: vector }],
        attrs,
      });
      editor.addOutput('y', y.outputs[0] ?? x);
    });
    expect(again(graph)).toEqual([
      'input x: float32[4]',
      'sum: float32[4] = Add(x, float32[4](1 2 3 4))',
      'Clip: float32[4] = Clip(sum, _, float32[](1))',
      'y: float32[4] = Softmax(Clip) {axis = -1}',
      'output y = y',
    ]);
  });

  it('writes the axes of a reduction as an attribute where the opset has them so', async () => {
    const editor = GraphEditor.create('net');
    const x = editor.addInput('x', { dtype: 'float32', shape: [2, 3] });
    const type = { dtype: 'float32', shape: [2, 1] } as const;
    const axes = editor.constant(Tensor.int64([-1]), 'axes');
    const [y = x] = editor.addNode({ op: 'ReduceMax', inputs: [x, axes], outputs: [{ name: 'y', type }] }).outputs;
    editor.addOutput('y', y);
    const bytes = exportModel(editor.graph, { opset: 17 });
    const { graph } = importModel(bytes);
    expect(graph.nodes.map(({ op, inputs }) => [op, inputs[1]?.constant?.toNumbers()])).toEqual([['ReduceMax', [1]]]);
    const results = await runInOrt(bytes, new Map([['x', Tensor.float32([2, 3], [1, 5, 2, -4, -9, -3])]]));
    expect(results.get('y')?.toNumbers()).toEqual([5, -3]);
    expect(importModel(exportModel(editor.graph, { opset: 18 })).graph.nodes[0]?.inputs[1]?.name).toBe('axes');
  });

  it.each([
    ['axes that the model computes', false, {}],
    ['attribute noop_with_empty_axes', true, { noop_with_empty_axes: 1 }],
  ])('refuses %s of a reduction before opset 18', (what, constant, attrs) => {
    const editor = GraphEditor.create('net');
    const x = editor.addInput('x', { dtype: 'float32', shape: [2] });
    const axes = constant
      ? editor.constant(Tensor.int64([]), 'axes')
      : editor.addInput('axes', { dtype: 'int64', shape: [1] });
    const outputs = [{ name: 'y', type: { dtype: 'float32', shape: ['?'] } as const }];
    const [y = x] = editor.addNode({
      op: 'ReduceMin',
      inputs: [x, axes],
      outputs,
      attrs: Attributes.of(attrs),
    }).outputs;
    editor.addOutput('y', y);
    expect(() => exportModel(editor.graph, { opset: 17 })).toThrow(`${what} of ReduceMin needs opset 18`);
  });

  it('writes every kind of attribute', () => {
    const attrs = Attributes.of({ alpha: { float: 0.5 }, beta: { float: -1 }, transA: 0, transB: 1 });
    const type = { dtype: 'float32', shape: [4, 4] } as const;
    const editor = GraphEditor.create('net');
    const x = editor.addInput('x', type);
    const [y = x] = editor.addNode({ op: 'Gemm', inputs: [x, x], outputs: [{ name: 'y', type }], attrs }).outputs;
    const fill = Attributes.of({ value: new Tensor('int64', [1], BigInt64Array.of(7n)) });
    const shape = editor.constant(Tensor.int64([2]), 's');
    const [z = x] = editor.addNode({
      op: 'ConstantOfShape',
      inputs: [shape],
      outputs: [{ name: 'z', type: { dtype: 'int64', shape: [2] } }],
      attrs: fill,
    }).outputs;
    editor.addOutput('y', y);
    editor.addOutput('z', z);
    const { graph } = importModel(exportModel(editor.graph, { opset: 17 }));
    expect([...(graph.nodes[0]?.attrs ?? [])]).toEqual([...attrs]);
    expect(graph.nodes[1]?.attrs.tensor('value').data).toEqual(BigInt64Array.of(7n));
  });

  it('writes the head of the file', () => {
    const graph = graphOf((editor, x) => editor.addOutput('y', unary(editor, 'Relu', x, 'y')));
    const metadata = [
      ['b', '1'],
      ['a', 'ü'],
    ] as const;
    const head = importModel(exportModel(graph, { opset: 17, producer: 'p', producerVersion: '1', metadata })).metadata;
    expect(head).toMatchObject({ opset: 17, irVersion: 8, producer: 'p', producerVersion: '1' });
    expect([...head.metadataProps]).toEqual(metadata);
  });

  it.each([
    [11, 6],
    [17, 8],
    [18, 8],
    [20, 9],
    [21, 10],
    [22, 10],
    [23, 11],
  ])('gives opset %i IR version %i', (opset, irVersion) => {
    const graph = graphOf((editor, x) => editor.addOutput('y', unary(editor, 'Relu', x, 'y')));
    expect(importModel(exportModel(graph, { opset })).metadata.irVersion).toBe(irVersion);
    expect(importModel(exportModel(graph, { opset, irVersion: 9 })).metadata.irVersion).toBe(9);
  });

  it('writes symbolic dims, and the same bytes each time', () => {
    const editor = GraphEditor.create('net');
    const x = editor.addInput('x', { dtype: 'float32', shape: ['N', 3] });
    const [y = x] = editor.addNode({
      op: 'Relu',
      inputs: [x],
      outputs: [{ name: 'y', type: x.type }],
      name: 'r',
    }).outputs;
    editor.addOutput('y', y);
    const bytes = exportModel(editor.graph, { opset: 21 });
    expect(exportModel(editor.graph, { opset: 21 })).toEqual(bytes);
    const { graph } = importModel(bytes);
    expect(graph.inputs[0]?.type.shape).toEqual(['N', 3]);
    expect(exportModel(graph, { opset: 21 })).toEqual(bytes);
  });
});

describe('names of outputs', () => {
  const ones = Float32Array.of(1, -1, 2, -2);

  it.each<[string, Graph, string[]]>([
    [
      'a result takes the name of its output',
      graphOf((editor, x) => editor.addOutput('out', unary(editor, 'Relu', x, 'label'))),
      ['out: float32[4] = Relu(x)', 'output out = out'],
    ],
    [
      'another value that bears the name gives way',
      graphOf((editor, x) => editor.addOutput('out', unary(editor, 'Neg', unary(editor, 'Relu', x, 'out'), 'label'))),
      ['out_1: float32[4] = Relu(x)', 'out: float32[4] = Neg(out_1)', 'output out = out'],
    ],
    [
      'a value that is output twice passes through Identity',
      graphOf((editor, x) => {
        const y = unary(editor, 'Relu', x, 'y');
        editor.addOutput('first', y);
        editor.addOutput('second', y);
      }),
      [
        'first: float32[4] = Relu(x)',
        'second: float32[4] = Identity(first)',
        'output first = first',
        'output second = second',
      ],
    ],
    [
      'an input passes through Identity',
      graphOf((editor, x) => editor.addOutput('y', x)),
      ['y: float32[4] = Identity(x)', 'output y = y'],
    ],
    [
      'an input under its own name is an output as it is',
      graphOf((editor, x) => editor.addOutput('x', x)),
      ['output x = x'],
    ],
    [
      'a constant passes through Identity',
      graphOf((editor) => editor.addOutput('y', editor.constant(Tensor.float32([1], [7]), 'c'))),
      ['y: float32[1] = Identity(float32[1](7))', 'output y = y'],
    ],
    [
      'a constant under its own name is an output as it is',
      graphOf((editor) => editor.addOutput('c', editor.constant(Tensor.float32([1], [7]), 'c'))),
      ['output c = float32[1](7)'],
    ],
  ])('%s', async (_, graph, lines) => {
    expect(again(graph)).toEqual(['input x: float32[4]', ...lines]);
    const results = await runInOrt(
      exportModel(graph, { opset: 17 }),
      new Map([['x', new Tensor('float32', [4], ones)]]),
    );
    expect([...results.keys()].sort()).toEqual(graph.outputs.map(({ name }) => name).sort());
  });

  it('may not be the name of another input or output', () => {
    const input = graphOf((editor, x) => editor.addOutput('x', unary(editor, 'Relu', x, 'y')));
    const output = graphOf((editor, x) => {
      editor.addOutput('y', unary(editor, 'Relu', x, 'a'));
      editor.addOutput('y', unary(editor, 'Neg', x, 'b'));
    });
    for (const graph of [input, output]) expect(() => exportModel(graph, { opset: 17 })).toThrow(InternalError);
  });
});

describe('forms that an opset does not have', () => {
  const single = (op: string, values: Parameters<typeof Attributes.of>[0], inputs = 1, outputs = 1): Graph =>
    graphOf((editor, x) => {
      const node = editor.addNode({
        op,
        inputs: new Array<Value>(inputs).fill(x),
        outputs: Array.from({ length: outputs }, (_, i) => ({
          name: `y${i}`,
          type: { dtype: 'float32', shape: [4 / outputs] },
        })),
        attrs: Attributes.of(values),
      });
      for (const value of node.outputs) editor.addOutput(value.name, value);
    });

  it.each([
    [single('Gelu', {}), 17, 'Gelu needs opset 20, the model has opset 17'],
    [single('Pad', {}, 4), 17, 'input 3 of Pad needs opset 18, the model has opset 17'],
    [single('Reshape', { allowzero: 1 }, 2), 13, 'Reshape needs opset 14, the model has opset 13'],
    [single('Resize', { antialias: 1 }), 17, 'attribute antialias of Resize needs opset 18, the model has opset 17'],
    [single('AveragePool', { dilations: [2] }), 18, 'attribute dilations of AveragePool needs opset 19'],
    [single('Pad', { mode: 'wrap' }, 2), 18, "mode 'wrap' of Pad needs opset 19, the model has opset 18"],
    [single('ScatterND', { reduction: 'min' }, 3), 17, "reduction 'min' of ScatterND needs opset 18"],
    [single('GridSample', {}, 2), 15, 'GridSample needs opset 16, the model has opset 15'],
    [single('NoSuchOperator', {}), 17, 'NoSuchOperator is no operator of ai.onnx'],
  ])('are refused (%#)', (graph, opset, message) => {
    expect(() => exportModel(graph, { opset })).toThrow(InternalError);
    expect(() => exportModel(graph, { opset })).toThrow(message);
  });

  it('are left out where they are the default', () => {
    const attributes = (graph: Graph, opset: number): string[] => {
      const { nodes } = importModel(exportModel(graph, { opset })).graph;
      return [...(nodes[0]?.attrs ?? [])].map(([name]) => name);
    };
    const cast = single('Cast', { to: 1, saturate: 1 });
    expect(attributes(cast, 17)).toEqual(['to']);
    expect(attributes(cast, 19)).toEqual(['to', 'saturate']);
  });

  it('are left out where they concern element types that quantc refuses', () => {
    const { nodes } = importModel(
      exportModel(single('Cast', { to: 1, saturate: 0, round_mode: 'down' }), { opset: 17 }),
    ).graph;
    expect([...(nodes[0]?.attrs ?? [])].map(([name]) => name)).toEqual(['to']);
  });

  it.each([
    ['linear', 'bilinear'],
    ['cubic', 'bicubic'],
    ['nearest', 'nearest'],
  ])('are the modes of GridSample, %s being %s before opset 20', (mode, older) => {
    const grid = single('GridSample', { mode }, 2);
    const text = (opset: number): string => new TextDecoder('latin1').decode(exportModel(grid, { opset }));
    expect(text(16)).toContain(older);
    expect(text(20)).toContain(mode);
    expect(text(20).includes(older)).toBe(older === mode);
  });

  it('concern the equal parts of Split', () => {
    const counted = single('Split', { num_outputs: 2 }, 1, 2);
    const plain = single('Split', {}, 1, 2);
    for (const graph of [counted, plain]) {
      expect(exportModel(graph, { opset: 17 })).toEqual(exportModel(plain, { opset: 17 }));
      expect(exportModel(graph, { opset: 18 })).toEqual(exportModel(counted, { opset: 18 }));
    }
    const uneven = graphOf((editor, x) => {
      const parts = [3, 1].map((size, i) => ({ name: `y${i}`, type: { dtype: 'float32', shape: [size] } as const }));
      const node = editor.addNode({
        op: 'Split',
        inputs: [x],
        outputs: parts,
        attrs: Attributes.of({ num_outputs: 2 }),
      });
      for (const value of node.outputs) editor.addOutput(value.name, value);
    });
    expect(() => exportModel(uneven, { opset: 17 })).toThrow('needs opset 18');
  });

  it.each(['int4', 'uint4'] as const)('are constants of %s before opset 21', (dtype) => {
    const graph = graphOf((editor) => {
      editor.addOutput('w', editor.constant(Tensor.zeros(dtype, [3]), 'w'));
    });
    expect(() => exportModel(graph, { opset: 20 })).toThrow(`'w' is ${dtype}, which needs opset 21`);
    expect(importModel(exportModel(graph, { opset: 21 })).graph.outputs[0]?.value.type.dtype).toBe(dtype);
  });

  it('are operators of the quantised dialect', () => {
    const graph = graphOf((editor, x) => {
      const node = editor.addNode({ op: 'Bnorm', domain: 'q', inputs: [x], outputs: [{ name: 'y', type: vector }] });
      editor.addOutput('y', node.outputs[0] ?? x);
    });
    expect(() => exportModel(graph, { opset: 17 })).toThrow('q.Bnorm is no operator of ai.onnx');
  });
});
