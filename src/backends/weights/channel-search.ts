import { searchClosest } from './closest-point.js';
import { descend } from './descend.js';
import { applyMetric, errorOf, innerProduct, type FullMetric, type Metric } from './metric.js';

/** A scale that a channel may have, as a multiple of the query's unit. */
export interface Multiplier {
  readonly value: number;
}

/** Integers of one channel, which stand for `scale` times themselves. */
export interface ChannelChoice<M extends Multiplier = Multiplier> {
  readonly multiplier: M;
  readonly scale: number;
  readonly levels: Float64Array;
  /** (scale · levels - weights)ᵀ H (scale · levels - weights). */
  readonly error: number;
}

export interface ChannelQuery<M extends Multiplier = Multiplier> {
  readonly metric: Metric;
  readonly weights: Float64Array;
  readonly limit: number;
  /** The scale of the multiplier 1. */
  readonly unit: number;
  /** In ascending order. */
  readonly multipliers: readonly M[];
  /** Whether a choice is within the constraints. */
  readonly admits: (multiplier: M, levels: Float64Array) => boolean;
  /** How many scales a layer of many taps may try with error feedback, at least 2. */
  readonly effort: number;
  /** A good choice that is not admitted; a layer of many taps is searched around it alone. */
  readonly hint?: ChannelChoice<M> | undefined;
}

/** Up to this many taps every multiplier is searched to the end. */
const EXACT_TAPS = 16;
const EXACT_NODES = 20_000;
/** Up to this many taps channels are searched beyond the first point, with so many nodes for each tap. */
const FEW_TAPS = 64;
const NODES_PER_TAP = 24;
/** Of how many scales tried one is refined by descent. */
const PER_REFINED = 4;
/** Rounds of descent and fitting the scale anew, and sweeps of a descent. */
const ROUNDS = 4;
const SWEEPS = 4;
const PAIR_SWEEPS = 3;
/** Nearest roundings of the least error by the diagonal that are measured in full. */
const MEASURED = 4;
/** Scales that a first look at nearest rounding takes, and how far from the best one a second looks. */
const COARSE = 64;
const NEAR = 1.12;
/** Scales beyond these factors of the best one for nearest rounding are not tried with error feedback. */
const LOWEST = 0.6;
const HIGHEST = 1.6;

/**
 * The scale and integers of the least error: nearest rounding at every multiplier; then, where errors may be made up for,
 * the closest point at each one for few taps, or at a selection of them, refined by descent and by fitting the scale anew.
 * Never worse than the best nearest rounding, which for many taps is looked for by the metric's diagonal. Undefined when the
 * constraints admit nothing.
 */
export function searchChannel<M extends Multiplier>(query: ChannelQuery<M>): ChannelChoice<M> | undefined {
  const nearest = nearestRoundings(query);
  const { full } = query.metric;
  if (full === undefined) return leastOf(nearest);
  const start = leastOf(
    nearest
      .toSorted((a, b) => a.error - b.error)
      .slice(0, query.metric.taps <= EXACT_TAPS ? Infinity : MEASURED)
      .map((choice) => measured(query, choice)),
  );
  return query.metric.taps <= EXACT_TAPS ? searchAll(query, full, start) : searchSome(query, full, nearest, start);
}

const leastOf = <M extends Multiplier>(choices: readonly ChannelChoice<M>[]): ChannelChoice<M> | undefined =>
  choices.reduce<ChannelChoice<M> | undefined>(
    (best, choice) => (best === undefined || choice.error < best.error ? choice : best),
    undefined,
  );

/** The choice with the error that the metric gives it. */
function measured<M extends Multiplier>(
  { metric, weights }: ChannelQuery<M>,
  choice: Omit<ChannelChoice<M>, 'error'>,
): ChannelChoice<M> {
  const { scale, levels } = choice;
  return {
    ...choice,
    error: errorOf(
      metric,
      weights.map((w, i) => scale * (levels[i] ?? 0) - w),
    ),
  };
}

/** Nearest rounding at every multiplier, or for many taps at a selection that is closer about the best of them. */
function nearestRoundings<M extends Multiplier>(query: ChannelQuery<M>): ChannelChoice<M>[] {
  const { multipliers, metric } = query;
  if (metric.taps <= EXACT_TAPS || multipliers.length <= COARSE) return nearestAtEach(query, multipliers);
  const coarse = nearestAtEach(query, spread(multipliers, COARSE));
  const about = leastOf(coarse)?.multiplier.value ?? 0;
  const near = multipliers.filter(({ value }) => value >= about / NEAR && value <= about * NEAR);
  return [...coarse, ...nearestAtEach(query, spread(near, COARSE))];
}

/** Nearest rounding, with the error of the metric's diagonal, at each multiplier that admits it. */
function nearestAtEach<M extends Multiplier>(
  { metric, weights, limit, unit, admits }: ChannelQuery<M>,
  multipliers: readonly M[],
): ChannelChoice<M>[] {
  const choices: ChannelChoice<M>[] = [];
  for (const multiplier of multipliers) {
    const scale = multiplier.value * unit;
    const levels = new Float64Array(weights.length);
    let error = 0;
    for (let i = 0; i < weights.length; i++) {
      const w = weights[i] ?? 0;
      const level = Math.max(-limit, Math.min(limit, Math.round(w / scale)));
      levels[i] = level;
      error += (metric.diagonal[i] ?? 0) * (scale * level - w) ** 2;
    }
    if (admits(multiplier, levels)) choices.push({ multiplier, scale, levels, error });
  }
  return choices;
}

/** The closest point of any multiplier, which is the optimum unless the nodes run out. */
function searchAll<M extends Multiplier>(
  query: ChannelQuery<M>,
  full: FullMetric,
  start: ChannelChoice<M> | undefined,
): ChannelChoice<M> | undefined {
  let best = start;
  for (const multiplier of startingAt(query.multipliers, start?.multiplier)) {
    best = closestAt(query, full, multiplier, best, EXACT_NODES);
  }
  return best;
}

/** All of them, those nearest to `first` first: a good choice early on spares the others most of the search. */
function startingAt<M extends Multiplier>(multipliers: readonly M[], first: M | undefined): readonly M[] {
  if (first === undefined) return multipliers;
  const distance = ({ value }: M): number => Math.abs(Math.log2(value / first.value));
  return multipliers.toSorted((a, b) => distance(a) - distance(b));
}

/** `best`, or a choice at the multiplier with a smaller error. */
function closestAt<M extends Multiplier>(
  { weights, unit, limit, admits }: ChannelQuery<M>,
  { squares }: FullMetric,
  multiplier: M,
  best: ChannelChoice<M> | undefined,
  nodes: number,
): ChannelChoice<M> | undefined {
  const scale = multiplier.value * unit;
  let found = best;
  searchClosest(squares, {
    target: weights.map((w) => w / scale),
    limit,
    radius: best === undefined ? Infinity : best.error / scale ** 2,
    nodes,
    accept: (point, form) => {
      if (!admits(multiplier, point)) return false;
      found = { multiplier, scale, levels: point.slice(), error: form * scale ** 2 };
      return true;
    },
  });
  return found;
}

function searchSome<M extends Multiplier>(
  query: ChannelQuery<M>,
  full: FullMetric,
  nearest: readonly ChannelChoice<M>[],
  start: ChannelChoice<M> | undefined,
): ChannelChoice<M> | undefined {
  const image = applyMetric(query.metric, query.weights);
  const refine = (choice: ChannelChoice<M>, pairSweeps: number): ChannelChoice<M> =>
    polish(query, full, image, choice, pairSweeps);
  const tried = query.hint === undefined ? closestAtSome(query, full, nearest) : [query.hint];
  const refined = [...tried, ...(start === undefined ? [] : [start])].map((choice) => refine(choice, 0));
  const admitted = refined.filter(({ multiplier, levels }) => query.admits(multiplier, levels));
  const best = leastOf(start === undefined ? admitted : [...admitted, start]);
  return best && refine(best, PAIR_SWEEPS);
}

/** The closest points, or the first ones found, at a few multipliers about the best one of nearest rounding. */
function closestAtSome<M extends Multiplier>(
  query: ChannelQuery<M>,
  full: FullMetric,
  nearest: readonly ChannelChoice<M>[],
): ChannelChoice<M>[] {
  const { multipliers, effort, metric } = query;
  const around = leastOf(nearest)?.multiplier.value;
  const window =
    around === undefined
      ? multipliers
      : multipliers.filter(({ value }) => value >= LOWEST * around && value <= HIGHEST * around);
  const nodes = metric.taps * (metric.taps > FEW_TAPS ? 1 : NODES_PER_TAP);
  const choices = spread(window, effort).flatMap((multiplier) => {
    const found = closestAt(query, full, multiplier, undefined, nodes);
    return found === undefined ? [] : [found];
  });
  return choices.sort((x, y) => x.error - y.error).slice(0, Math.ceil(effort / PER_REFINED));
}

/** `count` of the items, evenly spread, the first and the last among them. */
function spread<T>(items: readonly T[], count: number): readonly T[] {
  if (items.length <= count) return items;
  return Array.from({ length: count }, (_, i) => items[Math.round((i * (items.length - 1)) / (count - 1))]).filter(
    (item) => item !== undefined,
  );
}

/**
 * Descent alternating with the best scale for the integers found, as long as the error falls.
 * @param target H · weights
 */
function polish<M extends Multiplier>(
  query: ChannelQuery<M>,
  full: FullMetric,
  target: Float64Array,
  start: ChannelChoice<M>,
  pairSweeps: number,
): ChannelChoice<M> {
  const { metric, limit } = query;
  let best = start;
  let { levels } = start;
  let { scale } = start;
  const image = applyMetric(metric, levels);
  for (let round = 0; round < ROUNDS; round++) {
    levels = levels.slice();
    const gradient = image.map((h, i) => scale * h - (target[i] ?? 0));
    descend(full, metric.diagonal, { levels, gradient, scale, limit, sweeps: SWEEPS, pairSweeps });
    for (let i = 0; i < image.length; i++) image[i] = ((gradient[i] ?? 0) + (target[i] ?? 0)) / scale;
    const moved = refit(query, levels, image, target);
    if (moved === undefined || !(moved.error < best.error || !query.admits(best.multiplier, best.levels))) break;
    best = moved;
    ({ scale } = moved);
  }
  return best;
}

/**
 * The integers at the best admitted one of the multipliers next to their optimum (levelsᵀ H weights) / (levelsᵀ H levels).
 * @param image H · levels
 * @param target H · weights
 */
function refit<M extends Multiplier>(
  { weights, unit, multipliers, admits }: ChannelQuery<M>,
  levels: Float64Array,
  image: Float64Array,
  target: Float64Array,
): ChannelChoice<M> | undefined {
  const wanted = innerProduct(image, weights) / innerProduct(image, levels) / unit;
  if (!(wanted > 0)) return undefined;
  return leastOf(
    neighbours(multipliers, wanted)
      .filter((multiplier) => admits(multiplier, levels))
      .map((multiplier) => {
        const scale = multiplier.value * unit;
        let error = 0;
        for (let i = 0; i < levels.length; i++) {
          error += (scale * (levels[i] ?? 0) - (weights[i] ?? 0)) * (scale * (image[i] ?? 0) - (target[i] ?? 0));
        }
        return { multiplier, scale, levels, error };
      }),
  );
}

/** The multipliers on both sides of a value. */
function neighbours<M extends Multiplier>(multipliers: readonly M[], value: number): readonly M[] {
  const above = multipliers.findIndex((multiplier) => multiplier.value >= value);
  const at = above < 0 ? multipliers.length : above;
  return multipliers.slice(Math.max(0, at - 2), at + 2);
}
