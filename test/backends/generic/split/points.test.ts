import { describe, expect, it } from 'vitest';
import { splitGraph, type SplitOptions } from '../../../../src/backends/generic/split/points.js';
import { OPERATORS } from '../../../../src/ir/ops/index.js';
import { parseGraph } from '../../../../src/ir/text/parse.js';

const split = (lines: string, options: SplitOptions = {}) =>
  splitGraph(
    parseGraph(
      `graph "g"
      input %x: float32[N,4,6,6]
      const %w: float32[4,4,1,1] = random 1
      const %zero: float32[] = [0]
      ${lines}`,
      OPERATORS,
    ),
    options,
  );

const kindsOf = ({ points }: ReturnType<typeof split>) => points.map(({ value, kind }) => [value.name, kind]);

describe('splitGraph', () => {
  it('gives a layer and the Clip behind it one point, with its bounds', () => {
    const found = split(`%a = Conv(%x, %w)
      %r = Clip(%a, %zero)
      output "r" = %r`);
    expect(kindsOf(found)).toEqual([
      ['x', 'input'],
      ['r', 'layer'],
    ]);
    expect(found.points[1]?.bounds).toEqual({ lo: 0, hi: Infinity });
  });

  it('keeps a Clip apart from a layer that is read elsewhere, on the grid of the layer', () => {
    const found = split(`%a = Conv(%x, %w)
      %r = Clip(%a, %zero)
      %b = Conv(%r, %w)
      %s = Add(%a, %b)
      output "s" = %s`);
    expect(kindsOf(found).map(([name]) => name)).toEqual(['x', 'a', 'b', 's']);
    const grids = new Map([...found.groupOf].map(([{ name }, group]) => [name, group]));
    expect(grids.get('r')).toBe(grids.get('a'));
    expect(grids.get('s')).not.toBe(grids.get('b'));
  });

  it('lets movers share the grid of what they move, and a join that of operands that it alone reads', () => {
    const found = split(`%a = Conv(%x, %w)
      %p = MaxPool(%a) {kernel_shape = [1, 1]}
      %b = Conv(%x, %w)
      %c = Concat(%p, %b) {axis = 1}
      %d = Conv(%b, %w)
      output "c" = %c
      output "d" = %d`);
    const grids = new Map([...found.groupOf].map(([{ name }, group]) => [name, group]));
    expect(grids.get('p')).toBe(grids.get('a'));
    expect(grids.get('c')).toBe(grids.get('a'));
    expect(grids.get('b')).not.toBe(grids.get('c'));
  });

  it('leaves operators in float that surround nothing but float', () => {
    const found = split(`%t = Tanh(%x)
      %s = Add(%t, %x)
      %e = Softmax(%s)
      %a = Conv(%e, %w)
      output "a" = %a`);
    expect(kindsOf(found)).toEqual([
      ['e', 'island'],
      ['a', 'layer'],
    ]);
    expect([...found.integer].map(({ op }) => op)).toEqual(['Conv']);
  });

  it('gives layers the widths asked for, and tells names that none bears', () => {
    const layerBits = new Map([
      ['a', { weights: 4, activations: 2 }],
      ['q', { weights: 2 }],
    ] as const);
    const found = split(`%a = Conv(%x, %w)\noutput "a" = %a`, { layerBits });
    expect(found.points[1]?.weightBits).toBe(4);
    expect([...found.groupOf.values()].map(({ bits }) => bits)).toEqual([8, 2]);
    expect(found.unknownLayers).toEqual(['q']);
  });
});
