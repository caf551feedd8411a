/** A partition of objects into classes that merge: union by the class of the older element, path halving. */
export class DisjointSets<T> {
  readonly #parents = new Map<T, T>();
  readonly #ages = new Map<T, number>();

  /** The representative of an element's class: of those merged, the one that was seen first. */
  find(element: T): T {
    let root = element;
    if (!this.#parents.has(root)) {
      this.#parents.set(root, root);
      this.#ages.set(root, this.#ages.size);
      return root;
    }
    for (let parent = this.#parentOf(root); parent !== root; parent = this.#parentOf(root)) {
      const above = this.#parentOf(parent);
      this.#parents.set(root, above);
      root = above;
    }
    return root;
  }

  union(a: T, b: T): void {
    const [first, second] = [this.find(a), this.find(b)];
    if (first === second) return;
    const older = (this.#ages.get(first) ?? 0) < (this.#ages.get(second) ?? 0);
    if (older) this.#parents.set(second, first);
    else this.#parents.set(first, second);
  }

  #parentOf(element: T): T {
    return this.#parents.get(element) ?? element;
  }
}
