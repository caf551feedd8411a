import type { Style } from './style.js';
import { padEnd, padStart, shorten, shortenEnd, widthOf, wrap } from './width.js';

export interface Column {
  readonly heading: string;
  /** Numbers stand to the right. */
  readonly right?: boolean;
  /** Gives way when the table is too wide: its cells are shortened down to this many columns of the terminal. */
  readonly shrinksTo?: number;
  /** Shortened cells keep their beginning instead of their end. */
  readonly keepsStart?: boolean;
  /** Columns of low rank are left out, the lowest first, while the table is too wide; those without one stay. */
  readonly rank?: number;
}

export interface Row {
  /** Printable text, one cell for each column. */
  readonly cells: readonly string[];
  /** Lines below the row, wrapped and dimmed. */
  readonly notes?: readonly string[] | undefined;
  /** Marks up a cell once it has its width. */
  readonly paint?: ((column: number, text: string) => string) | undefined;
}

export interface TableOptions {
  readonly columns: number;
  readonly style: Style;
}

const GAP = 2;
const NOTE_INDENT = 6;

/** Lines of a table that is at most as wide as the terminal, as far as its columns give way. */
export function table(
  columns: readonly Column[],
  rows: readonly Row[],
  { columns: room, style }: TableOptions,
): string[] {
  const { shown, widths } = layOut(columns, rows, room);
  const line = (cells: readonly string[], paint: (column: number, text: string) => string): string =>
    shown
      .map((index, i) => {
        const width = widths[index] ?? 0;
        const shortened = columns[index]?.keepsStart === true ? shortenEnd : shorten;
        const text = shortened(cells[index] ?? '', width);
        const last = i === shown.length - 1;
        return paint(index, columns[index]?.right === true ? padStart(text, width) : last ? text : padEnd(text, width));
      })
      .join(' '.repeat(GAP))
      .trimEnd();
  return [
    style.dim(
      line(
        columns.map(({ heading }) => heading),
        (_, text) => text,
      ),
    ),
    ...rows.flatMap(({ cells, notes = [], paint }) => [
      line(cells, paint ?? ((_, text) => text)),
      ...notes.flatMap((note) => noteLines(note, room, style)),
    ]),
  ];
}

function noteLines(note: string, room: number, style: Style): string[] {
  return wrap(note, room - NOTE_INDENT).map((line) => style.dim(' '.repeat(NOTE_INDENT) + line));
}

/** The columns that fit, by index, and the width of each. */
function layOut(
  columns: readonly Column[],
  rows: readonly Row[],
  room: number,
): { readonly shown: readonly number[]; readonly widths: readonly number[] } {
  const natural = columns.map(({ heading }, i) =>
    Math.max(widthOf(heading), ...rows.map(({ cells }) => widthOf(cells[i] ?? ''))),
  );
  const narrowest = columns.map(({ shrinksTo }, i) => Math.min(natural[i] ?? 0, shrinksTo ?? Infinity));
  const totalOf = (indices: readonly number[], widths: readonly number[]): number =>
    indices.reduce((sum, i) => sum + (widths[i] ?? 0), GAP * (indices.length - 1));
  let shown = columns.map((_, i) => i);
  const dispensable = shown
    .filter((i) => columns[i]?.rank !== undefined)
    .sort((a, b) => (columns[a]?.rank ?? 0) - (columns[b]?.rank ?? 0));
  for (const index of dispensable) {
    if (totalOf(shown, narrowest) <= room) break;
    shown = shown.filter((i) => i !== index);
  }
  const widths = [...natural];
  for (let excess = totalOf(shown, natural) - room; excess > 0; excess--) {
    // The widest column that can gives way.
    const shrinkable = shown.filter((i) => (widths[i] ?? 0) > (narrowest[i] ?? 0));
    const [first, ...others] = shrinkable;
    if (first === undefined) break;
    const widest = others.reduce((best, i) => ((widths[i] ?? 0) > (widths[best] ?? 0) ? i : best), first);
    widths[widest] = (widths[widest] ?? 0) - 1;
  }
  return { shown, widths };
}
