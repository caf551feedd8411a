import type { GramMatrix } from '../../passes/calibration/gram.js';
import { heldOutError } from './held-out-error.js';
import type { LayerChannels } from './layer-channels.js';
import type { Halves } from './layer-moments.js';
import { metricOf, type Metric } from './metric.js';

/** Channels that stand for all, and the multiplications that the metrics of one trial may take. */
const TRIED_CHANNELS = 8;
const TRIAL_BUDGET = 1.5e8;

/** Scales that a trial looks at for each channel. */
const TRIAL_EFFORT = 3;

/** Ratio of neighbouring candidates, and how many of them the search may go from where it begins. */
const STEP = 5;
const MOST_STEPS = 3;

/** What is believed before samples are asked. */
export interface Prior {
  readonly caution: number;
  /**
   * By how many standard errors samples must speak for less caution than a candidate, and may speak against more. 0 takes
   * them at their word.
   */
  readonly doubt: number;
}

/**
 * The caution (see `metricOf`) of the least error on samples that weights were not chosen on: each half of the samples judges
 * what was quantised on the other. Candidates follow one another by a factor, upwards, else downwards, for as long as the
 * error falls. It is the prior's for a layer that is too large to try others on.
 */
export function chooseCaution(
  [first, second]: Halves,
  channels: LayerChannels,
  { caution: start, doubt }: Prior,
): number {
  const { groups, taps, products } = first;
  const tried = channels.spread(TRIED_CHANNELS);
  if (products === undefined || taps ** 3 * Math.min(groups, tried.length) > TRIAL_BUDGET) return start;
  const errors = new Map<number, readonly number[]>();
  const errorsAt = (step: number): readonly number[] => {
    const known = errors.get(step);
    if (known !== undefined) return known;
    const caution = start * STEP ** step;
    const found = [
      ...trialErrors(first, second, channels, tried, caution),
      ...trialErrors(second, first, channels, tried, caution),
    ];
    errors.set(step, found);
    return found;
  };
  for (const direction of [1, -1] as const) {
    let step = 0;
    while (Math.abs(step) < MOST_STEPS && lessError(errorsAt(step + direction), errorsAt(step), direction * doubt)) {
      step += direction;
    }
    if (step !== 0) return start * STEP ** step;
  }
  return start;
}

/** Whether the mean of errors over that of others is below `margin` standard errors of the difference. */
function lessError(errors: readonly number[], others: readonly number[], margin: number): boolean {
  const differences = errors.map((error, i) => error - (others[i] ?? 0));
  const mean = differences.reduce((sum, d) => sum + d, 0) / differences.length;
  const variance = differences.reduce((sum, d) => sum + (d - mean) ** 2, 0) / Math.max(1, differences.length - 1);
  return mean < margin * Math.sqrt(variance / differences.length);
}

/** The errors on unseen moments of the channels as quantised on the seen ones. */
function trialErrors(
  seen: GramMatrix,
  unseen: GramMatrix,
  channels: LayerChannels,
  tried: readonly number[],
  caution: number,
): number[] {
  const metrics = new Map<number, Metric>();
  return tried.map((channel) => {
    const group = channels.group(channel, seen.groups);
    const metric = metrics.get(group) ?? metricOf(seen, group, true, caution);
    metrics.set(group, metric);
    const { levels, scale } = channels.quantise(channel, seen, metric, TRIAL_EFFORT);
    const trial = { levels, scale, bias: channels.biasFor(channel, seen)(levels, scale) };
    const real = { weights: channels.weights(channel), bias: channels.bias(channel) };
    return heldOutError(unseen, group, real, trial);
  });
}
