import { describe, expect, it } from 'vitest';
import { InternalError } from '../../src/ir/diagnostics.js';
import { GraphEditor, type GraphEvent } from '../../src/ir/editor.js';
import type { Node } from '../../src/ir/graph.js';
import { uniformSource } from '../../src/ir/random.js';
import { Tensor } from '../../src/ir/tensor.js';

const FLOAT = { dtype: 'float32', shape: [] } as const;

const add = (editor: GraphEditor, name: string): Node =>
  editor.addNode({ op: 'Neg', inputs: [], outputs: [{ name, type: FLOAT }] });

const label = (node: Node): string => node.outputs[0]!.name;

describe('GraphEditor', () => {
  it('gives the lowest free suffix to a label in use', () => {
    const editor = GraphEditor.create('g');
    const labels = ['x', 'x', 'x_2', 'x', 'x'].map((name) => label(add(editor, name)));
    expect(labels).toEqual(['x', 'x_1', 'x_2', 'x_3', 'x_4']);
    const [, second, , fourth] = editor.graph.nodes;
    editor.remove(fourth!);
    editor.remove(second!);
    expect(['x', 'x', 'x', 'x_0'].map((name) => label(add(editor, name)))).toEqual(['x_1', 'x_3', 'x_5', 'x_0']);
  });

  it('gives the lowest free suffix after any sequence of changes', () => {
    const next = uniformSource(1);
    const editor = GraphEditor.create('g');
    const bases = ['a', 'a_0', 'a_1', 'b', 'b_01', ''];
    for (let i = 0; i < 500; i++) {
      const { nodes } = editor.graph;
      const taken = new Set(nodes.map(label));
      if (next() < 0 && nodes.length > 0) {
        editor.remove(nodes[Math.floor(((next() + 1) / 2) * nodes.length)]!);
        continue;
      }
      const wanted = bases[Math.floor(((next() + 1) / 2) * (bases.length - 1))]!;
      let expected = wanted;
      for (let n = 1; taken.has(expected); n++) expected = `${wanted}_${n}`;
      expect(label(add(editor, wanted))).toBe(expected);
    }
  });

  it('does not give away the label of a constant that a graph brings along', () => {
    const first = GraphEditor.create('g');
    const constant = first.constant(Tensor.float32([], [1]), 'w');
    first.addNode({ op: 'Neg', inputs: [constant], outputs: [{ name: 'y', type: FLOAT }] });
    expect(new GraphEditor(first.graph).constant(Tensor.float32([], [2]), 'w').name).toBe('w_1');
  });

  it('gives a constant other elements and shape arithmetic, and tells all that read it once', () => {
    const editor = GraphEditor.create('g');
    const sizes = editor.constant(Tensor.int64([1, 2]), 'sizes');
    const twice = editor.addNode({ op: 'Add', inputs: [sizes, sizes], outputs: [{ name: 'y', type: FLOAT }] });
    const once = editor.addNode({ op: 'Neg', inputs: [sizes], outputs: [{ name: 'z', type: FLOAT }] });
    add(editor, 'other');
    const events: GraphEvent[] = [];
    editor.listen((event) => events.push(event));
    const other = Tensor.int64([7, -1]);
    editor.setConstant(sizes, other);
    expect(sizes.constant).toBe(other);
    expect(sizes.contents).toEqual([7, -1]);
    expect(twice.inputs).toEqual([sizes, sizes]);
    expect(events).toEqual([twice, once].map((node) => ({ kind: 'node-changed', node })));
  });

  it.each([
    ['of another type', Tensor.int64([1, 2])],
    ['of another shape', Tensor.float32([2, 1], [1, 2])],
  ])('refuses elements %s for a constant, which keeps its own', (_, tensor) => {
    const editor = GraphEditor.create('g');
    const own = Tensor.float32([2], [3, 4]);
    const constant = editor.constant(own, 'w');
    expect(() => editor.setConstant(constant, tensor)).toThrow(InternalError);
    expect(constant.constant).toBe(own);
  });

  it('refuses elements for what is no constant', () => {
    const editor = GraphEditor.create('g');
    const input = editor.addInput('x', { dtype: 'float32', shape: [] });
    expect(() => editor.setConstant(input, Tensor.float32([], [1]))).toThrow(InternalError);
  });
});
