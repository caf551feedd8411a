import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UserError } from '../../../src/ir/diagnostics.js';
import { Tensor } from '../../../src/ir/tensor.js';
import { decodeCsv } from '../../../src/runtime/formats/csv.js';
import { expectEqual } from '../../support/naive-tensor.js';

describe('decodeCsv', () => {
  const wanted = Tensor.float32([2, 3], [1, -2.5, 3e4, 0.5, 5, -6]);
  it.each<[string, string]>([
    ['commas', '1,-2.5,3e4\n.5,5.,-6\n'],
    ['semicolons', '1;-2.5;3e4\n.5;5;-6'],
    ['tabs', '1\t-2.5\t3E+4\n.5\t5\t-6\n'],
    ['CRLF', '1,-2.5,3e4\r\n.5,5,-6\r\n'],
    ['a byte-order mark', '\ufeff1,-2.5,3e4\n.5,5,-6'],
    ['a header', 'x,y,z\n1,-2.5,3e4\n.5,5,-6\n'],
    ['a quoted header with separators', '"x;1","y ""2"", third",z\n1,-2.5,3e4\n.5,5,-6\n'],
    ['a header with blank names', ',,\n1,-2.5,3e4\n.5,5,-6\n'],
    ['a header of numpy.savetxt', '# x,y,z\n1.000e+00,-2.500e+00,3.000e+04\n5.000e-01,5.000e+00,-6.000e+00\n'],
    ['quoted cells', '"1","-2.5","3e4"\n".5","5","-6"\n'],
    ['spaces about the numbers', ' 1 , -2.5, 3e4\n.5 ,5,\t-6\n'.replace('\t', '')],
    ['blank lines at the end', '1,-2.5,3e4\n.5,5,-6\n\n\r\n \n'],
    ['lines of separators at the end', '1,-2.5,3e4\n.5,5,-6\n,,\n'],
  ])('reads %s', (_, text) => {
    expectEqual(decodeCsv(text), wanted);
  });

  it('reads a single column, a single row and names of special numbers', () => {
    expectEqual(decodeCsv('value\n1\n2\n'), Tensor.float32([2, 1], [1, 2]));
    expectEqual(decodeCsv('1,2'), Tensor.float32([1, 2], [1, 2]));
    expectEqual(decodeCsv('1,nan,-inf,Infinity\n'), Tensor.float32([1, 4], [1, NaN, -Infinity, Infinity]));
    expectEqual(decodeCsv('-0,+7\n'), Tensor.float32([1, 2], [-0, 7]));
  });

  it.each<[string, string, string]>([
    ['nothing', '', 'no numbers'],
    ['blank lines', '\n\n', 'no numbers'],
    ['a header alone', 'a,b\n', 'no numbers'],
    ['a short row', '1,2\n3\n', 'row 2 has 1 cells, row 1 has 2'],
    ['a long row', 'a,b\n1,2\n3,4,5\n', 'row 3 has 3 cells'],
    ['a word', '1,2\n3,x\n', 'row 2, column 2 is "x"'],
    ['an empty cell', '1,2\n,4\n', 'row 2, column 1 is ""'],
    ['a blank line between rows', '1\n\n2\n', 'row 2, column 1 is ""'],
    ['a first row that is half a header', 'id,2\n3,4\n', 'row 1, column 1 is "id"'],
    ['hexadecimal', '1,2\n3,0x10\n', '"0x10"'],
    ['digit groups', '1;2\n3;1_000\n', '"1_000"'],
    ['a bare sign', '1,2\n-,3\n', '"-"'],
    ['a quote that does not end', '1,2\n"3,4\n', 'cannot be read'],
    ['a quote within a cell', '1,2\n3"4,5\n', 'cannot be read'],
  ])('refuses %s', (_, text, words) => {
    let thrown: unknown;
    try {
      decodeCsv(text, { file: 'x.csv' });
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(UserError);
    const [diagnostic] = (thrown as UserError).diagnostics;
    expect(diagnostic?.code).toBe('invalid-csv');
    expect(diagnostic?.message).toContain(words);
    expect(diagnostic?.at).toEqual({ file: 'x.csv' });
  });

  it('explains decimal commas', () => {
    try {
      decodeCsv('1,5;2\n3;4\n');
      expect.unreachable();
    } catch (error) {
      expect((error as UserError).diagnostics[0]?.hint).toContain('point');
    }
  });

  it('reads back what is written', () => {
    const cases = fc.record({
      columns: fc.integer({ min: 1, max: 5 }),
      values: fc.array(fc.float({ noNaN: true }), { minLength: 5, maxLength: 40 }),
      separator: fc.constantFrom(',', ';', '\t'),
      newline: fc.constantFrom('\n', '\r\n'),
      quote: fc.constantFrom('', '"'),
      header: fc.boolean(),
    });
    fc.assert(
      fc.property(cases, ({ columns, values, separator, newline, quote, header }) => {
        const rows = Math.floor(values.length / columns);
        const used = values.slice(0, rows * columns);
        const line = (cells: readonly string[]): string => cells.map((cell) => quote + cell + quote).join(separator);
        const lines = Array.from({ length: rows }, (_, row) =>
          line(
            used
              .slice(row * columns, (row + 1) * columns)
              .map((value) => (Object.is(value, -0) ? '-0' : String(value))),
          ),
        );
        if (header) lines.unshift(line(Array.from({ length: columns }, (_, i) => `column ${i}`)));
        expectEqual(decodeCsv(lines.join(newline)), Tensor.float32([rows, columns], used));
      }),
      { numRuns: 300, seed: 70 },
    );
  });
});
