import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FlowNetwork } from '../../src/passes/min-cut.js';

/** Capacity from one vertex to another; vertex 0 is the source, 1 the sink. */
type Arc = readonly [from: number, to: number, capacity: number];

/** Sides of the source that the network proposes, as the set of its vertices. */
function proposed(vertices: number, arcs: readonly Arc[]): ReadonlySet<number> {
  const network = new FlowNetwork();
  const labels = [network.source, network.sink, ...Array.from({ length: vertices - 2 }, () => network.vertex())];
  for (const [from, to, capacity] of arcs) network.connect(labels[from] ?? 0, labels[to] ?? 0, capacity);
  const side = network.cut();
  return new Set(labels.flatMap((label, vertex) => (side(label) ? [vertex] : [])));
}

const costOf = (side: ReadonlySet<number>, arcs: readonly Arc[]): number =>
  arcs.reduce((sum, [from, to, capacity]) => (side.has(from) && !side.has(to) ? sum + capacity : sum), 0);

/** Every set of vertices that holds the source and not the sink. */
function allSides(vertices: number): ReadonlySet<number>[] {
  return Array.from({ length: 2 ** (vertices - 2) }, (_, bits) => {
    const inner = Array.from({ length: vertices - 2 }, (__, i) => i + 2);
    return new Set([0, ...inner.filter((vertex) => ((bits >> (vertex - 2)) & 1) === 1)]);
  });
}

const networks = fc.integer({ min: 2, max: 8 }).chain((vertices) =>
  fc.record({
    vertices: fc.constant(vertices),
    arcs: fc.array(
      fc.tuple(
        fc.nat(vertices - 1),
        fc.nat(vertices - 1),
        fc.oneof(
          { weight: 5, arbitrary: fc.integer({ min: 0, max: 9 }) },
          { weight: 1, arbitrary: fc.constant(Infinity) },
        ),
      ),
      { maxLength: 18 },
    ),
  }),
);

describe('FlowNetwork', () => {
  it('finds the cheapest of all cuts, and of several the one with most on the side of the source', () => {
    let ties = 0;
    let severed = 0;
    fc.assert(
      fc.property(networks, ({ vertices, arcs }) => {
        const costs = allSides(vertices).map((side) => [side, costOf(side, arcs)] as const);
        const least = Math.min(...costs.map(([, cost]) => cost));
        if (least === Infinity) {
          severed++;
          expect(() => proposed(vertices, arcs)).toThrow(RangeError);
          return;
        }
        const cheapest = costs.filter(([, cost]) => cost === least).map(([side]) => side);
        if (cheapest.length > 1) ties++;
        // Minimum cuts are closed under union, so there is a largest one.
        const largest = new Set(cheapest.flatMap((side) => [...side]));
        expect([...proposed(vertices, arcs)].sort()).toEqual([...largest].sort());
      }),
      { seed: 3, numRuns: 400 },
    );
    // Both the choice among equals and the refusal have been met.
    expect(ties).toBeGreaterThan(20);
    expect(severed).toBeGreaterThan(5);
  });

  it('keeps a vertex that nothing connects with the source, and the sink never', () => {
    const network = new FlowNetwork();
    const alone = network.vertex();
    const side = network.cut();
    expect([side(network.source), side(alone), side(network.sink)]).toEqual([true, true, false]);
  });

  it('takes back flow that a first path sent the wrong way', () => {
    // The shortest path runs through the middle arc; the maximum of 2 needs it empty.
    const arcs: readonly Arc[] = [
      [0, 2, 1],
      [2, 5, 1],
      [0, 4, 1],
      [4, 5, 0],
      [2, 3, 1],
      [3, 1, 1],
      [5, 1, 1],
      [4, 3, 1],
    ];
    expect(costOf(proposed(6, arcs), arcs)).toBe(2);
  });
});
