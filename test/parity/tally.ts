/** What a comparison of two numbers came to, the reasons from best to worst. */
export type Verdict = 'equal' | 'tie' | 'defect' | 'differs';

/** Counts of verdicts. */
export class Tally {
  readonly #counts = { equal: 0, tie: 0, defect: 0, differs: 0 };

  add(verdict: Verdict, times = 1): void {
    this.#counts[verdict] += times;
  }

  addAll(other: Tally): void {
    for (const verdict of ['equal', 'tie', 'defect', 'differs'] as const) this.add(verdict, other.count(verdict));
  }

  count(verdict: Verdict): number {
    return this.#counts[verdict];
  }

  get total(): number {
    const { equal, tie, defect, differs } = this.#counts;
    return equal + tie + defect + differs;
  }

  /** "30/32 2 tie": how many are equal, and what the others are. */
  toString(): string {
    if (this.total === 0) return '-';
    const others = (['tie', 'defect', 'differs'] as const).flatMap((verdict) =>
      this.#counts[verdict] === 0 ? [] : [` ${this.#counts[verdict]} ${verdict}`],
    );
    return `${this.#counts.equal}/${this.total}${others.join('')}`;
  }
}
