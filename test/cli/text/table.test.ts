import { describe, expect, it } from 'vitest';
import { PLAIN } from '../../../src/cli/text/style.js';
import { table, type Column } from '../../../src/cli/text/table.js';

const COLUMNS: readonly Column[] = [
  { heading: 'name', shrinksTo: 5 },
  { heading: 'n', right: true },
  { heading: 'spare', rank: 1 },
  { heading: 'list', shrinksTo: 6, keepsStart: true },
];
const ROWS = [
  { cells: ['/a/long/name', '1', 'x', '1, 2, 3, 4, 5'], notes: ['a note that is wrapped when it is too long'] },
  { cells: ['b', '100', '', ''] },
];
const at = (columns: number): string[] => table(COLUMNS, ROWS, { columns, style: PLAIN });

describe('table', () => {
  it('aligns cells and leaves no blanks at the end of lines', () => {
    expect(at(60)).toEqual([
      'name            n  spare  list',
      '/a/long/name    1  x      1, 2, 3, 4, 5',
      '      a note that is wrapped when it is too long',
      'b             100',
    ]);
  });

  it('shortens the widest columns first', () => {
    expect(at(30)).toEqual([
      'name        n  spare  list',
      '…/name      1  x      1, 2, 3…',
      '      a note that is wrapped',
      '      when it is too long',
      'b         100',
    ]);
  });

  it('leaves out dispensable columns when that is not enough', () => {
    expect(at(20)).toEqual([
      'name      n  list',
      '…/name    1  1, 2, …',
      '      a note that is',
      '      wrapped when',
      '      it is too long',
      'b       100',
    ]);
  });

  it('is too wide rather than wrong on the narrowest terminal', () => {
    expect(at(10)[1]).toBe('…name    1  1, 2,…');
  });

  it('has a heading without rows', () => {
    expect(table(COLUMNS, [], { columns: 80, style: PLAIN })).toEqual(['name  n  spare  list']);
  });
});
