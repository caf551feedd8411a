import { describe, expect, it } from 'vitest';
import { insertBehind } from '../../../src/backends/retarget/insert-behind.js';
import { GraphEditor } from '../../../src/ir/editor.js';
import { OPERATORS } from '../../../src/ir/ops/index.js';
import { Tensor } from '../../../src/ir/tensor.js';
import { parseGraph } from '../../../src/ir/text/parse.js';
import { verifyGraph } from '../../../src/ir/verify.js';

function inserted(label: 'x' | 'a' | 'b') {
  const graph = parseGraph(
    `graph "g"
    input %x: float32[N,4]
    %a = Relu(%x)
    %b = Abs(%a)
    output "b" = %b`,
    OPERATORS,
  );
  const editor = new GraphEditor(graph);
  const value = [...graph.inputs, ...graph.nodes.flatMap(({ outputs }) => outputs)].find(({ name }) => name === label);
  if (value === undefined) expect.fail(label);
  const uses = [...value.uses];
  const add = (op: string, of: typeof value) =>
    insertBehind(editor, of, { op, label: op, constants: [editor.constant(Tensor.float32([], [2]))] });
  const last = add('Mul', add('Sub', value));
  for (const { node, index } of uses) editor.setInput(node, index, last);
  expect(verifyGraph(graph, OPERATORS)).toEqual([]);
  return { ops: graph.nodes.map(({ op }) => op), type: last.type };
}

describe('insertBehind', () => {
  it('puts nodes one behind the other between a value and what reads it', () => {
    expect(inserted('x').ops).toEqual(['Sub', 'Mul', 'Relu', 'Abs']);
    expect(inserted('a').ops).toEqual(['Relu', 'Sub', 'Mul', 'Abs']);
    expect(inserted('b').ops).toEqual(['Relu', 'Abs', 'Sub', 'Mul']);
  });

  it('gives the result the type of the value', () => {
    expect(inserted('a').type).toEqual({ dtype: 'float32', shape: ['N', 4] });
  });
});
