/**
 * Minimum cut of a directed network with integer capacities between a source and a sink (Edmonds and Karp: shortest
 * augmenting paths). Vertices are made by `vertex()`.
 */
export class FlowNetwork {
  readonly source = 0;
  readonly sink = 1;
  /** Arcs in pairs: arc i and its reverse i ^ 1. */
  readonly #heads: number[] = [];
  readonly #capacities: number[] = [];
  readonly #arcs: number[][] = [[], []];

  vertex(): number {
    return this.#arcs.push([]) - 1;
  }

  /** @param capacity Infinity for an arc that no cut may sever */
  connect(from: number, to: number, capacity: number): void {
    this.#arcs[from]?.push(this.#heads.length);
    this.#heads.push(to);
    this.#capacities.push(capacity);
    this.#arcs[to]?.push(this.#heads.length);
    this.#heads.push(from);
    this.#capacities.push(0);
  }

  /**
   * Of all minimum cuts, the one with the largest side of the source.
   * @returns whether a vertex is on that side
   * @throws RangeError when every cut severs an arc of infinite capacity
   */
  cut(): (vertex: number) => boolean {
    for (let path = this.#shortestPath(); path !== undefined; path = this.#shortestPath()) {
      const room = Math.min(...path.map((arc) => this.#capacities[arc] ?? 0));
      if (room === Infinity) throw new RangeError('source and sink are connected by arcs of infinite capacity');
      for (const arc of path) {
        this.#capacities[arc] = (this.#capacities[arc] ?? 0) - room;
        this.#capacities[arc ^ 1] = (this.#capacities[arc ^ 1] ?? 0) + room;
      }
    }
    const sinkSide = this.#reachingSink();
    return (vertex) => !sinkSide.has(vertex);
  }

  /** Arcs of a path with room from source to sink, by breadth-first search. */
  #shortestPath(): number[] | undefined {
    const cameBy = new Map<number, number>();
    const pending = [this.source];
    for (const vertex of pending) {
      for (const arc of this.#arcs[vertex] ?? []) {
        const head = this.#heads[arc] ?? 0;
        if (head === this.source || cameBy.has(head) || (this.#capacities[arc] ?? 0) === 0) continue;
        cameBy.set(head, arc);
        if (head === this.sink) return this.#pathTo(cameBy);
        pending.push(head);
      }
    }
    return undefined;
  }

  #pathTo(cameBy: ReadonlyMap<number, number>): number[] {
    const path: number[] = [];
    for (let arc = cameBy.get(this.sink); arc !== undefined; arc = cameBy.get(this.#heads[arc ^ 1] ?? 0))
      path.push(arc);
    return path;
  }

  /** Vertices from which the sink can be reached by arcs with room left. */
  #reachingSink(): ReadonlySet<number> {
    const reached = new Set([this.sink]);
    for (const vertex of reached) {
      for (const arc of this.#arcs[vertex] ?? []) {
        // The arc back from `vertex`; its partner leads to it.
        if ((this.#capacities[arc ^ 1] ?? 0) > 0) reached.add(this.#heads[arc] ?? 0);
      }
    }
    return reached;
  }
}
