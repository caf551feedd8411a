import { describe, expect, it } from 'vitest';
import { splitNumbered } from '../../../src/backends/verify/split-numbered.js';
import { OPERATORS } from '../../../src/ir/ops/index.js';
import { Tensor } from '../../../src/ir/tensor.js';
import { parseGraph } from '../../../src/ir/text/parse.js';

const graphOf = (text: string): ReturnType<typeof parseGraph> => parseGraph(text, OPERATORS);
const ONE = graphOf(
  `graph "one"
input %x: float32[2]
%"/conv": float32[2] = Neg(%x)
%"/conv_1": float32[2] = Neg(%"/conv")
output "y" = %"/conv_1"
`,
);
const TWO = graphOf(
  'graph "two"\ninput %a: float32[2]\ninput %b: float32[2]\n%s: float32[2] = Add(%a, %b)\noutput "s" = %s\n',
);

const split = (graph: typeof ONE, ...names: readonly string[]): unknown =>
  splitNumbered(
    { graph, source: graph },
    { label: 'set 0', arrays: names.map((name) => ({ name, role: undefined, tensor: Tensor.float32([0], []) })) },
  ).map(({ label, arrays }) => [label, ...arrays.map(({ name, role, index }) => [name, role, index])]);

describe('splitNumbered', () => {
  it('makes a set of each number, and of what has none', () => {
    expect(split(ONE, 'input_2', 'input', 'output', 'golden_2', 'conv_2', '/conv_1', 'label')).toEqual([
      [
        'set 0, number 0',
        ['input', 'input', 0],
        ['output', 'output', 0],
        ['/conv_1', undefined, undefined],
        ['label', undefined, undefined],
      ],
      ['set 0, number 2', ['input_2', 'input', 0], ['golden_2', 'output', 0], ['conv', undefined, undefined]],
    ]);
  });

  it.each([
    [ONE, ['input_0', 'output_0']],
    [ONE, ['x', 'y', 'conv_1']],
    [TWO, ['input_0', 'input_1', 'output_0']],
  ])('leaves others alone', (graph, names) => {
    expect(split(graph, ...names)).toEqual([['set 0', ...names.map((name) => [name, undefined, undefined])]]);
  });
});
