import { Tally } from './tally.js';

/** What is counted; the columns of the table. */
export const COLUMNS = [
  'weights',
  'bias',
  'mult',
  'shift',
  'activations',
  'input',
  'input mult',
  'input shift',
  'pools',
  'outputs',
] as const;
export type Column = (typeof COLUMNS)[number];

/** The comparison of one case with its reference. */
export class Report {
  readonly tallies: ReadonlyMap<Column, Tally> = new Map(COLUMNS.map((column) => [column, new Tally()]));
  readonly #defects = new Set<string>();
  /** Differences that nothing explains. */
  readonly problems: string[] = [];
  /** Facts beside the numbers. */
  readonly remarks: string[] = [];
  #refused = false;

  constructor(readonly name: string) {}

  /** Names of the wrapper's defects that show in the case. */
  get defects(): readonly string[] {
    return [...this.#defects];
  }

  /** Whether the model was not compiled, with a reason. */
  get refused(): boolean {
    return this.#refused;
  }

  refuse(reason: string): void {
    this.#refused = true;
    this.remarks.push(`refused: ${reason}`);
  }

  equal(column: Column, times = 1): void {
    this.#tally(column).add('equal', times);
  }

  /** A difference of 1 that the last bits of folded float32 constants decide. */
  tie(column: Column): void {
    this.#tally(column).add('tie');
  }

  defect(names: readonly string[]): void {
    for (const name of names) this.#defects.add(name);
  }

  problem(text: string, column?: Column): void {
    this.problems.push(text);
    if (column !== undefined) this.#tally(column).add('differs');
  }

  /** Counts a number; one that differs is explained by defects, if there are any. */
  count(column: Column, ours: number, theirs: number, defects: readonly string[], label: string): void {
    if (ours === theirs) return this.equal(column);
    if (defects.length === 0) return this.problem(`${label} is ${ours}, theirs ${theirs}`, column);
    this.#tally(column).add('defect');
    this.defect(defects);
  }

  tally(column: Column): Tally {
    return this.#tally(column);
  }

  #tally(column: Column): Tally {
    const tally = this.tallies.get(column);
    if (tally === undefined) throw new RangeError(`no column ${column}`);
    return tally;
  }
}
