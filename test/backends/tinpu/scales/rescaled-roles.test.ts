import { describe, expect, it } from 'vitest';
import { findTarget } from '../../../../src/backends/targets.js';
import { quantcRecipe } from '../../../../src/backends/tinpu/recipes/quantc.js';
import type { Recipe } from '../../../../src/backends/tinpu/recipes/recipe.js';
import { rescaledRoles } from '../../../../src/backends/tinpu/scales/rescaled-roles.js';
import { assignRoles, type QuantisationPoint } from '../../../../src/backends/tinpu/split/roles.js';
import { OPERATORS } from '../../../../src/ir/ops/index.js';
import { parseGraph } from '../../../../src/ir/text/parse.js';

const REACH: ReadonlyMap<string, number> = new Map([
  ['x', 1],
  ['a', 2],
  ['b', 3],
  ['y', 40],
]);
const reachOf = ({ value }: QuantisationPoint): number => REACH.get(value.name) ?? NaN;

/** An addition of `a`, which a layer reads too, and `b`; a tensor alone would have the scale that is the end of its range. */
function rescaled(rescales: Recipe['rescales'], energy = true) {
  const graph = parseGraph(
    `graph "g"
    input %x: float32[N,4]
    const %w: float32[4,4] = random 1
    const %u: float32[4,4] = random 2
    %a = Gemm(%x, %w)
    %b = Gemm(%a, %u)
    %y = Add(%a, %b)
    output "y" = %y`,
    OPERATORS,
  );
  const roles = assignRoles(graph);
  const plan = {
    taps: [],
    rangeOf: (point: QuantisationPoint) => ({ min: 0, max: reachOf(point) }),
    ...(energy && { energyOf: (point: QuantisationPoint) => reachOf(point) ** 2 }),
  };
  const recipe = {
    ...quantcRecipe,
    rescales,
    scale: ({ points }: { readonly points: readonly QuantisationPoint[] }) => Math.max(...points.map(reachOf)),
  };
  const target = findTarget('f28p55') ?? expect.fail('no such target');
  const options = { target, backend: 'tinpu', model: 'm.onnx' } as const;
  return { roles, plan, found: rescaledRoles(graph, roles, plan, recipe, options, () => undefined) };
}

describe('rescaledRoles', () => {
  it('leaves roles and ranges as they are where the recipe rescales nothing', () => {
    const { roles, plan, found } = rescaled(() => false);
    expect(found).toEqual({ roles, plan });
    expect(found.roles).toBe(roles);
  });

  it('adds a point for the operand that is rescaled, in the group of the sum', () => {
    const { points } = rescaled((_, feedsLayer) => feedsLayer).found.roles;
    const groups = Object.fromEntries(points.map(({ value, group }) => [value.name, group]));
    expect(Object.keys(groups).sort()).toEqual(['a', 'a/rescaled', 'b', 'x', 'y'].sort());
    expect(groups['a/rescaled']).toBe(groups['y']);
    expect(groups['a']).not.toBe(groups['y']);
  });

  it('gives the rescaled operand the range and energy of what it is rescaled from', () => {
    const { roles, plan } = rescaled((_, feedsLayer) => feedsLayer).found;
    const ofName = (name: string): readonly [number | undefined, number | undefined] => {
      const point = roles.points.find(({ value }) => value.name === name) ?? expect.fail(`no ${name}`);
      return [plan.rangeOf(point).max, plan.energyOf?.(point)];
    };
    expect(ofName('a/rescaled')).toEqual([2, 4]);
    expect(ofName('a')).toEqual([2, 4]);
    expect(ofName('y')).toEqual([40, 1600]);
  });

  it('asks the recipe with the ratio of the scales that sum and operand have alone', () => {
    const factors: number[] = [];
    rescaled((factor) => {
      factors.push(factor);
      return false;
    });
    expect(factors).toContain(40 / 2);
  });

  it('knows no energies where the plan has none', () => {
    expect(rescaled((_, feedsLayer) => feedsLayer, false).found.plan.energyOf).toBeUndefined();
  });
});
