import type { Style } from '../text/style.js';
import { padEnd, wrap } from '../text/width.js';

/** A name and what is to be said of it, which may be several lines. */
export type Fact = readonly [name: string, text: string | readonly string[]];

const NAME_WIDTH = 13;

/** Facts as lines, names to the left, wrapped to the terminal. */
export function factLines(facts: readonly Fact[], { columns, style }: { columns: number; style: Style }): string[] {
  return facts.flatMap(([name, text]) =>
    [text]
      .flat()
      .flatMap((line) => wrap(line, columns - NAME_WIDTH))
      .map((line, i) => style.dim(padEnd(i === 0 ? name : '', NAME_WIDTH)) + line),
  );
}
