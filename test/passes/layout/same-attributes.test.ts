import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Attributes, type Attribute } from '../../../src/ir/attributes.js';
import { Tensor } from '../../../src/ir/tensor.js';
import { sameAttributes } from '../../../src/passes/layout/same-attributes.js';

/** Attributes no two of which are the same, though many hold the same numbers or begin alike. */
const DIFFERENT: readonly Attribute[] = [
  { kind: 'int', value: 1 },
  { kind: 'int', value: 0 },
  { kind: 'float', value: 1 },
  { kind: 'float', value: 0 },
  { kind: 'float', value: -0 },
  { kind: 'float', value: NaN },
  { kind: 'ints', value: [] },
  { kind: 'ints', value: [1] },
  { kind: 'ints', value: [1, 2] },
  { kind: 'ints', value: [1, 3] },
  { kind: 'ints', value: [2, 1] },
  { kind: 'floats', value: [] },
  { kind: 'floats', value: [1] },
  { kind: 'floats', value: [NaN] },
  { kind: 'string', value: '1' },
  { kind: 'string', value: '' },
  { kind: 'strings', value: [] },
  { kind: 'strings', value: ['1'] },
  { kind: 'strings', value: ['1', ''] },
  { kind: 'tensor', value: Tensor.float32([1], [1]) },
  { kind: 'tensor', value: Tensor.float32([], [1]) },
  { kind: 'tensor', value: Tensor.float32([1], [2]) },
  { kind: 'tensor', value: Tensor.int64([1]) },
];

/** The same attribute as another object. */
const copyOf = (attribute: Attribute): Attribute => {
  switch (attribute.kind) {
    case 'ints':
    case 'floats':
      return { ...attribute, value: [...attribute.value] };
    case 'strings':
      return { ...attribute, value: [...attribute.value] };
    case 'tensor':
      return {
        kind: 'tensor',
        value: new Tensor(attribute.value.dtype, attribute.value.dims, attribute.value.data.slice()),
      };
    default:
      return { ...attribute };
  }
};

const place = fc.nat(DIFFERENT.length - 1);
const names = fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 4 });

describe('sameAttributes', () => {
  it('tells attributes of every kind apart, and each from its absence', () => {
    for (const [i, one] of DIFFERENT.entries()) {
      const a = new Attributes([['a', one]]);
      expect(sameAttributes(a, Attributes.none), `${i} and nothing`).toBe(false);
      expect(sameAttributes(Attributes.none, a), `nothing and ${i}`).toBe(false);
      expect(sameAttributes(a, new Attributes([['b', one]])), `${i} by another name`).toBe(false);
      for (const [j, other] of DIFFERENT.entries())
        expect(sameAttributes(a, new Attributes([['a', copyOf(other)]])), `${i} and ${j}`).toBe(i === j);
    }
  });

  it('holds of the same attributes in any order, until one of them is another or gone', () => {
    fc.assert(
      fc.property(
        names,
        fc.array(place, { minLength: 4, maxLength: 4 }),
        fc.nat(3),
        place,
        (list, places, at, other) => {
          const entries = list.map((name, i) => [name, DIFFERENT[places[i] ?? 0] ?? DIFFERENT[0]!] as const);
          const a = new Attributes(entries);
          const shuffled = entries.map(([name, attribute]) => [name, copyOf(attribute)] as const).reverse();
          expect(sameAttributes(a, new Attributes(shuffled))).toBe(true);
          const changed = entries[at % Math.max(1, entries.length)];
          if (changed === undefined) return;
          const rest = shuffled.filter(([name]) => name !== changed[0]);
          expect(sameAttributes(a, new Attributes(rest))).toBe(false);
          expect(sameAttributes(new Attributes(rest), a)).toBe(false);
          const replacement = DIFFERENT[other]!;
          expect(sameAttributes(a, new Attributes([...rest, [changed[0], replacement]]))).toBe(
            replacement === changed[1],
          );
        },
      ),
      { seed: 5, numRuns: 300 },
    );
  });
});
