import { parse } from 'csv-parse/browser/esm/sync';
import { Tensor } from '../../ir/tensor.js';
import { formatFault, type SourceName } from './format-fault.js';

const NUMBER = /^[+-]?(?:(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|inf|infinity|nan)$/i;
const NAMED: ReadonlyMap<string, number> = new Map([
  ['inf', Infinity],
  ['infinity', Infinity],
  ['nan', NaN],
]);

/** The number a cell holds; undefined for anything that is not written as one. */
function numberOf(cell: string): number | undefined {
  const text = cell.trim();
  if (!NUMBER.test(text)) return undefined;
  const named = NAMED.get(text.replace(/^[+-]/, '').toLowerCase());
  if (named === undefined) return Number(text);
  return text.startsWith('-') ? -named : named;
}

/** The separator that occurs outside quotes in the first line that is not blank; tab before semicolon before comma. */
function separatorOf(text: string): string {
  const line = /[^\r\n]+/.exec(text)?.[0].replaceAll(/"[^"]*"/g, '') ?? '';
  return ['\t', ';'].find((separator) => line.includes(separator)) ?? ',';
}

/**
 * Reads numbers in lines as a float32 tensor [rows, columns]. Comma, semicolon or tab separates; cells may be quoted;
 * a byte-order mark, CRLF and blank lines at the end are fine. A first row without any number is a header and left out.
 * @throws UserError `invalid-csv` naming row and column (from 1) of a cell that is no number, or a row of another length.
 */
export function decodeCsv(text: string, source: SourceName = {}): Tensor<'float32'> {
  const rows = records(text, source);
  while (rows.at(-1)?.every((cell) => cell.trim() === '') === true) rows.pop();
  const first = rows[0] ?? [];
  const headed = first.every((cell) => numberOf(cell) === undefined);
  const from = headed ? 1 : 0;
  if (rows.length <= from) throw invalid('it holds no numbers', source);
  const columns = first.length;
  const data = new Float32Array((rows.length - from) * columns);
  let at = 0;
  for (const [i, row] of rows.entries()) {
    if (i < from) continue;
    if (row.length !== columns) {
      throw invalid(`row ${i + 1} has ${row.length} cells, row 1 has ${columns}; all must have as many`, source);
    }
    for (const [j, cell] of row.entries()) {
      const value = numberOf(cell);
      if (value === undefined) throw noNumber(cell, i + 1, j + 1, source);
      data[at++] = value;
    }
  }
  return new Tensor('float32', [rows.length - from, columns], data);
}

function records(text: string, source: SourceName): string[][] {
  try {
    return parse(text, { bom: true, delimiter: separatorOf(text), relax_column_count: true });
  } catch (error) {
    throw invalid(error instanceof Error ? error.message : String(error), source);
  }
}

function invalid(what: string, source: SourceName): Error {
  return formatFault('invalid-csv', `the CSV file cannot be read: ${what}`, source);
}

function noNumber(cell: string, row: number, column: number, source: SourceName): Error {
  const shown = cell.length > 40 ? `${cell.slice(0, 40)}…` : cell;
  const found = `row ${row}, column ${column} is ${JSON.stringify(shown)}, a number is accepted`;
  const hint = /^[+-]?\d+,\d+$/.test(cell.trim())
    ? 'write decimals with a point'
    : 'a header is one first row without any number';
  return formatFault('invalid-csv', `the CSV file cannot be read: ${found}`, source, hint);
}
