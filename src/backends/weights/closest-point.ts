import { rowStart, type SquareSum } from './square-sum.js';

/** A search for the integers within ±limit that a quadratic form puts closest to `target`. */
export interface ClosestPointQuery {
  readonly target: Float64Array;
  readonly limit: number;
  /** Only points with a smaller form than this are of interest. */
  readonly radius: number;
  /** Levels of variables that may be tried; the first point reached is that of sequential rounding with error feedback. */
  readonly nodes: number;
  /** Called with every point that is closer than all before; returns whether it counts. The array is used further. */
  readonly accept: (point: Float64Array, form: number) => boolean;
}

/**
 * Depth-first search (Schnorr and Euchner's) over the variables in their order, levels nearest to the conditional optimum
 * first, leaving branches that exceed the best form so far.
 * @returns whether the search ended by itself, so that no accepted point is missing.
 */
export function searchClosest(squares: SquareSum, query: ClosestPointQuery): boolean {
  const { order, weight, rows } = squares;
  const { target, limit, accept } = query;
  const taps = order.length;
  if (query.nodes === taps && query.radius === Infinity) {
    const first = roundInOrder(squares, query);
    accept(first.point, first.form);
    return false;
  }
  const point = new Float64Array(taps);
  /** By place in the order: error, conditional optimum, form up to there, level, and the direction of the next level. */
  const error = new Float64Array(taps);
  const centre = new Float64Array(taps);
  const before = new Float64Array(taps + 1);
  const level = new Int32Array(taps);
  const step = new Int32Array(taps);
  let radius = query.radius;
  let nodes = query.nodes;
  let t = 0;
  enter(0);
  for (;;) {
    const variable = order[t] ?? 0;
    const q = level[t] ?? 0;
    const away = q - (centre[t] ?? 0);
    const form = (before[t] ?? 0) + (weight[t] ?? 0) * away * away;
    if (nodes-- <= 0) return false;
    if (Math.abs(q) <= limit && form < radius) {
      point[variable] = q;
      error[t] = q - (target[variable] ?? 0);
      if (t + 1 < taps) {
        before[++t] = form;
        enter(t);
        continue;
      }
      if (accept(point, form)) radius = form;
    } else if (form >= radius) {
      // Levels come in the order of their distance, so no other one of this variable is nearer.
      if (--t < 0) return true;
    }
    while (!advance(t)) if (--t < 0) return true;
  }

  /** Puts a variable on the level nearest to its conditional optimum. */
  function enter(at: number): void {
    const start = rowStart(at);
    let shift = 0;
    for (let u = 0; u < at; u++) shift += (rows[start + u] ?? 0) * (error[u] ?? 0);
    const best = (target[order[at] ?? 0] ?? 0) - shift;
    centre[at] = best;
    const nearest = Math.max(-limit, Math.min(limit, Math.round(best)));
    level[at] = nearest;
    step[at] = best < nearest ? -1 : 1;
  }

  /** Moves to the next nearest level: n + 1, n - 1, n + 2, … or the other way round; false when all are tried. */
  function advance(at: number): boolean {
    for (let tries = 0; tries < 2; tries++) {
      const by = step[at] ?? 0;
      level[at] = (level[at] ?? 0) + by;
      step[at] = by > 0 ? -by - 1 : -by + 1;
      if (Math.abs(level[at] ?? 0) <= limit) return true;
    }
    return false;
  }
}

/**
 * The first point that the search reaches: each variable on the level nearest to its conditional optimum. Errors are passed
 * on to all variables behind as soon as they are known, which sums them up in the same order.
 */
function roundInOrder(
  { order, weight, columns }: SquareSum,
  { target, limit }: Pick<ClosestPointQuery, 'target' | 'limit'>,
): { readonly point: Float64Array; readonly form: number } {
  const taps = order.length;
  const point = new Float64Array(taps);
  const shift = new Float64Array(taps);
  let form = 0;
  for (let t = 0, at = 0; t < taps; t++) {
    const variable = order[t] ?? 0;
    const wanted = target[variable] ?? 0;
    const centre = wanted - (shift[t] ?? 0);
    const level = Math.max(-limit, Math.min(limit, Math.round(centre))) + 0;
    const away = level - centre;
    form += (weight[t] ?? 0) * away * away;
    point[variable] = level;
    const error = level - wanted;
    for (let u = t + 1; u < taps; u++, at++) shift[u] = (shift[u] ?? 0) + (columns[at] ?? 0) * error;
  }
  return { point, form };
}
