import { placementRefusals, type RuleSet } from '../placement/rules.js';
import type { Form } from './form.js';
import { STEPS, type StepName } from './steps.js';

/** What a change costs at run time, compared with others: copies of activations most, more channels more than more taps. */
const COSTS: Readonly<Record<StepName, number>> = {
  'trim-kernel': 1,
  'respell-idle-window': 1,
  'grow-pointwise-kernel': 2,
  'swap-spatial-axes': 1,
  'widen-channels': 3,
  'fold-stride-into-channels': 8,
};

/** A copy of the input with more channels. */
const COPY = 3;

interface Path {
  readonly form: Form;
  readonly steps: readonly StepName[];
  readonly cost: number;
}

/**
 * The cheapest changes that bring a layer to the NPU, each kind once at most, in order; none for a layer that is there
 * already, undefined where no sequence of them leads there.
 */
export function planFor(form: Form, rules: RuleSet): readonly StepName[] | undefined {
  const open: Path[] = [{ form, steps: [], cost: 0 }];
  for (let path = cheapest(open); path !== undefined; path = cheapest(open)) {
    if (isLegal(path.form, rules)) return path.steps;
    for (const name of NAMES) {
      const after = path.steps.includes(name) ? undefined : STEPS[name](path.form);
      if (after === undefined) continue;
      open.push({ form: after, steps: [...path.steps, name], cost: path.cost + costOf(name, path.form, after) });
    }
  }
  return undefined;
}

const NAMES = Object.keys(STEPS) as StepName[];

const costOf = (name: StepName, before: Form, after: Form): number =>
  COSTS[name] + (name === 'widen-channels' && after.shape.inputChannels !== before.shape.inputChannels ? COPY : 0);

/** Takes the cheapest path out of those that are open, the first of several. */
function cheapest(open: Path[]): Path | undefined {
  let best = 0;
  for (const [i, { cost }] of open.entries()) if (cost < (open[best]?.cost ?? Infinity)) best = i;
  return open.splice(best, 1)[0];
}

const isLegal = ({ shape }: Form, rules: RuleSet): boolean =>
  shape.pattern !== undefined && placementRefusals(shape, rules).length === 0;
