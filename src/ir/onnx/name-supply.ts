/** Names that nothing else bears. */
export class NameSupply {
  readonly #taken: Set<string>;
  readonly #next = new Map<string, number>();

  constructor(taken: Iterable<string>) {
    this.#taken = new Set(taken);
  }

  /** `base` when it is free, else `base_1`, `base_2`, …; the answer counts as taken from then on. */
  fresh(base: string): string {
    let name = base;
    let n = this.#next.get(base) ?? 1;
    while (this.#taken.has(name)) name = `${base}_${n++}`;
    this.#next.set(base, n);
    this.#taken.add(name);
    return name;
  }
}
