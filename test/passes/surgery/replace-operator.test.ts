import { describe, expect, it } from 'vitest';
import { UserError } from '../../../src/ir/diagnostics.js';
import { printGraph } from '../../../src/ir/text/print.js';
import { replaceOperator } from '../../../src/passes/surgery/replace-operator.js';
import { around, describeSurgery, operate, parseValid } from '../../support/surgery.js';

describeSurgery(replaceOperator('Elu', 'Relu'), {
  agreement: { at: [0, 2], relative: 0, because: 'both hand on what is not below 0' },
  spellings: [{ name: 'by a name', lines: '%y = Elu(%x)' }],
  refusals: [],
});

describeSurgery(
  replaceOperator('Tanh', (node, to) => to.op('Softsign', [to.op('Neg', [node.inputs[0]], {}, { part: 'turned' })])),
  {
    agreement: { at: [0], relative: 0, because: 'both are odd' },
    spellings: [
      { name: 'by a function', lines: '%y = Tanh(%x)', after: '%"y/turned" = Neg(%x)\n %y = Softsign(%"y/turned")' },
    ],
    refusals: [],
  },
);

describe('replaceOperator', () => {
  it('leaves alone what it has made', () => {
    const negate = replaceOperator('Neg', (node, to) => to.op('Neg', [to.op('Neg', [node.inputs[0]])]));
    const { graph, diagnostics } = operate(parseValid(around('%y = Neg(%x)')), [negate]);
    expect(graph.nodes.map(({ op }) => op)).toEqual(['Neg', 'Neg']);
    expect(diagnostics).toHaveLength(1);
  });

  it('takes away an operator whose input a function hands on', () => {
    const none = replaceOperator('Elu', ({ inputs: [x] }) => x!);
    const { graph, diagnostics } = operate(parseValid(around('%e = Elu(%x)\n %y = Neg(%e)')), [none]);
    expect(graph.nodes.map(({ op }) => op)).toEqual(['Neg']);
    expect(diagnostics.map(({ message }) => message)).toEqual([
      'Elu is replaced by a function of the user (surgery replace-elu)',
    ]);
  });

  it.each([
    ['another shape', '%y = Elu(%x)', replaceOperator('Elu', 'Shape'), 'another type or shape'],
    ['a type that the other operator does not take', '%n = IsNaN(%x)\n %y = Not(%n)', replaceOperator('Not', 'Abs'), 'Abs of bool is not supported'], // prettier-ignore
    [
      'further results that are read',
      'const %k: int64[1] = [2]\n %y, %i = TopK(%x, %k)\n output "i" = %i',
      replaceOperator('TopK', (node) => node.inputs[0]!),
      'its further results are read',
    ],
  ])('declines %s', (_, lines, entry, reason) => {
    const graph = parseValid(around(lines));
    const before = printGraph(graph);
    const { reasons, diagnostics } = operate(graph, [entry]);
    expect(printGraph(graph)).toBe(before);
    expect(reasons).toContainEqual(expect.stringContaining(reason));
    expect(diagnostics).toEqual([]);
  });

  it.each([
    ['Elo', 'Relu', "surgery names the operator 'Elo'"],
    ['Elu', 'Rely', "surgery names the operator 'Rely'"],
    ['Elu', 'PRelu', "surgery replaces by 'PRelu', accepted by name are operators of one input"],
    ['Elu', 'Cast', "surgery replaces by 'Cast', accepted by name are operators of one input"],
  ])('refuses to replace %s by %s', (replace, by, message) => {
    expect(() => replaceOperator(replace, by)).toThrow(UserError);
    expect(() => replaceOperator(replace, by)).toThrow(message);
  });

  it('suggests the operator that a mistyped name is likely to mean', () => {
    const refusal = (): unknown => replaceOperator('LeakyRelU2', 'Relu');
    expect(refusal).toThrow(expect.objectContaining({ diagnostics: [expect.objectContaining({ hint: "did you mean 'LeakyRelu'?" })] })); // prettier-ignore
  });
});
