import type { Diagnostic } from '../../src/ir/diagnostics.js';
import { OPERATORS } from '../../src/ir/ops/index.js';
import { parseGraph } from '../../src/ir/text/parse.js';
import type { Recipe } from '../../src/backends/tinpu/recipes/recipe.js';
import { assignRoles, type RoleOptions } from '../../src/backends/tinpu/split/roles.js';
import { solveScales } from '../../src/backends/tinpu/scales/solve-scales.js';
import type { Range } from '../../src/passes/calibration/observers/observer.js';

/** Scales that a recipe gives a graph whose tensors have the given ranges, by label, and what is reported about them. */
export function scalesOf(
  recipe: Recipe,
  text: string,
  ranges: Readonly<Record<string, readonly [min: number, max: number]>>,
  options?: RoleOptions,
): {
  readonly scales: ReadonlyMap<string, string>;
  readonly numbers: readonly number[];
  readonly reports: Diagnostic[];
} {
  const { points, groups, obstacles } = assignRoles(parseGraph(text, OPERATORS), options);
  if (obstacles.length > 0) throw new Error(obstacles.map(({ reason }) => reason).join('; '));
  const reports: Diagnostic[] = [];
  const rangeOf = ({ value: { name } }: (typeof points)[number]): Range => {
    const range = ranges[name];
    if (range === undefined) throw new Error(`no range for ${name}`);
    return { min: range[0], max: range[1] };
  };
  const scales = solveScales({ points, groups }, recipe, { rangeOf }, (diagnostic) => reports.push(diagnostic));
  return {
    scales: new Map(
      [...scales].map(([{ value }, { scale, bits, signed }]) => [value.name, `${scale} ${signed ? 's' : 'u'}${bits}`]),
    ),
    numbers: points.map((point) => scales.get(point)?.scale ?? NaN),
    reports,
  };
}

/** Input, a layer with Relu, a pool and a layer with an upper bound. */
export const RECIPE_NETWORK = `graph "g"
  input %x: float32[N,1,4,3]
  const %w: float32[2,1,1,1] = [0.5, -0.3]
  const %wf: float32[2,2] = [0.7, 0.1, -0.2, 0.9]
  const %zero: float32[] = [0]
  const %six: float32[] = [6]
  %c = Conv(%x, %w) "conv" @[0 "conv" "Conv"]
  %r = Clip(%c, %zero)
  %g = GlobalAveragePool(%r) "gap" @[1 "gap" "GlobalAveragePool"]
  %f = Flatten(%g) {axis = 1}
  %d = Gemm(%f, %wf) "fc" @[2 "fc" "Gemm"]
  %y = Clip(%d, %zero, %six)
  output "y" = %y`;
