import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DisjointSets } from '../../src/passes/disjoint-sets.js';

describe('DisjointSets', () => {
  it('keeps every element by itself until it is merged', () => {
    const sets = new DisjointSets<string>();
    expect(['a', 'b', 'a'].map((element) => sets.find(element))).toEqual(['a', 'b', 'a']);
  });

  it('is represented by the element that was seen first, in whatever order the classes merge', () => {
    const sets = new DisjointSets<string>();
    for (const element of ['a', 'b', 'c', 'd']) sets.find(element);
    sets.union('d', 'c');
    expect(sets.find('d')).toBe('c');
    sets.union('b', 'd');
    sets.union('d', 'a');
    expect(['a', 'b', 'c', 'd'].map((element) => sets.find(element))).toEqual(['a', 'a', 'a', 'a']);
  });

  it('merges an element with itself, and a class with itself, to no effect', () => {
    const sets = new DisjointSets<number>();
    sets.union(1, 1);
    sets.union(1, 2);
    sets.union(2, 1);
    expect([sets.find(1), sets.find(2)]).toEqual([1, 1]);
  });

  it('agrees with sets that are merged element by element', () => {
    const pairs = fc.array(fc.tuple(fc.nat(11), fc.nat(11)), { maxLength: 30 });
    fc.assert(
      fc.property(pairs, (unions) => {
        const sets = new DisjointSets<number>();
        const seen: number[] = [];
        const classes = new Map<number, Set<number>>();
        const classOf = (element: number): Set<number> => {
          if (!seen.includes(element)) seen.push(element);
          const known = classes.get(element) ?? new Set([element]);
          classes.set(element, known);
          return known;
        };
        for (const [a, b] of unions) {
          sets.union(a, b);
          const joint = new Set([...classOf(a), ...classOf(b)]);
          for (const element of joint) classes.set(element, joint);
        }
        for (const element of seen) {
          const first = seen.find((other) => classOf(element).has(other));
          expect(sets.find(element)).toBe(first);
        }
      }),
      { seed: 4, numRuns: 200 },
    );
  });
});
