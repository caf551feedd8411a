import type { ConstantValue, Value } from '../../../ir/graph.js';
import { constantStep } from './affine-chain.js';
import { integersBehind } from './carried.js';
import { perChannel } from './integer-constants.js';

/**
 * Arithmetic with constants on integers as one BNORM: ((base + bias) · scale) · 2^-shift, lists with an element per channel
 * or one for all.
 */
export interface IntegerChain {
  /** The integers that it starts from. */
  readonly base: Value;
  readonly bias: readonly number[];
  readonly scale: readonly number[];
  readonly shift: readonly number[];
}

/** What the arithmetic of one channel comes to. */
interface Affine {
  readonly bias: number;
  readonly scale: number;
  readonly shift: number;
}

interface Step {
  readonly op: string;
  readonly list: readonly number[];
}

const MAX_SHIFT = 31;
const NOT_INTEGERS = 'bias and scale are not per-channel integers';

/**
 * Reads additions, subtractions, multiplications and divisions by constants backwards to carried integers, in whatever
 * number and order, and states them as one BNORM (spec 1.2). An addition behind a factor counts in units of it, so that
 * `x · 2^-n + 1/2` is read as well. As long as no integer exceeds 24 bits, float32 computes the same.
 * @returns undefined without carried integers at the start; a reason where constants are not what integers express
 */
export function readIntegerChain(value: Value): IntegerChain | string | undefined {
  const constants: { readonly op: string; readonly constant: ConstantValue }[] = [];
  let at = value;
  while (integersBehind(at) === undefined) {
    const step = at.producer && constantStep(at.producer);
    if (step === undefined) return undefined;
    constants.unshift({ op: step.op, constant: step.constant });
    at = step.data;
  }
  const base = integersBehind(at);
  if (base === undefined) return undefined;
  const { shape } = base.type;
  const steps: Step[] = [];
  for (const { op, constant } of constants) {
    const list = perChannel(constant, shape.length);
    if (list === undefined || (list.length !== 1 && list.length !== shape[1])) return NOT_INTEGERS;
    steps.push({ op, list });
  }
  const channels = Math.max(1, ...steps.map(({ list }) => list.length));
  const affine: Affine[] = [];
  for (let channel = 0; channel < channels; channel++) {
    const state = composed(steps, channel);
    if (state === undefined) return NOT_INTEGERS;
    affine.push(state);
  }
  const lengths = lengthsOf(steps);
  return {
    base,
    bias: affine.slice(0, lengths.bias).map(({ bias }) => bias),
    scale: affine.slice(0, lengths.scale).map(({ scale }) => scale),
    shift: affine.slice(0, lengths.shift).map(({ shift }) => shift),
  };
}

/** Whether the arithmetic leaves every integer as it is. */
export const isNeutral = ({ bias, scale, shift }: IntegerChain): boolean =>
  bias.every((n) => n === 0) && scale.every((n) => n === 1) && shift.every((n) => n === 0);

/** The steps in one channel; undefined where an integer would be a fraction or too wide. */
function composed(steps: readonly Step[], channel: number): Affine | undefined {
  let state: Affine | undefined = { bias: 0, scale: 1, shift: 0 };
  for (const { op, list } of steps) {
    const constant = list[list.length === 1 ? 0 : channel] ?? NaN;
    if (op === 'Mul') state = scaled(state, constant);
    else if (op === 'Div') state = Number.isInteger(Math.log2(constant)) ? scaled(state, 1 / constant) : undefined;
    else state = moved(state, op === 'Add' ? constant : -constant);
    if (state === undefined) return undefined;
  }
  return state;
}

const moved = ({ bias, scale, shift }: Affine, by: number): Affine | undefined =>
  fitting({ bias: bias + (by * 2 ** shift) / scale, scale, shift });

function scaled({ bias, scale, shift }: Affine, factor: number): Affine | undefined {
  if (Number.isInteger(factor)) return fitting({ bias, scale: scale * factor, shift });
  const more = -Math.log2(factor);
  return Number.isInteger(more) && 2 ** -more === factor ? fitting({ bias, scale, shift: shift + more }) : undefined;
}

function fitting({ bias, scale, shift }: Affine): Affine | undefined {
  const fits = [bias, scale].every((n) => Number.isInteger(n) && Math.abs(n) < 2 ** 31) && shift <= MAX_SHIFT;
  return fits ? { bias: bias + 0, scale, shift } : undefined;
}

/** How many elements each list needs: one where every constant that makes it up is the same for all channels. */
function lengthsOf(steps: readonly Step[]): Readonly<Record<keyof Affine, number>> {
  const lengths = { bias: 1, scale: 1, shift: 1 };
  for (const [i, { op, list }] of steps.entries()) {
    const n = list.length;
    if (op === 'Add' || op === 'Sub') lengths.bias = Math.max(lengths.bias, n, lengths.scale, lengths.shift);
    else {
      const whole = list.every(Number.isInteger) && op === 'Mul';
      const last = i === steps.length - 1 && i > 0;
      const ones = list.every((item) => item === 1);
      if (!whole || (ones && last)) lengths.shift = Math.max(lengths.shift, n);
      if (whole ? !(ones && last) : list.some((item) => (op === 'Mul' ? item : 1 / item) > 1)) {
        lengths.scale = Math.max(lengths.scale, n);
      }
    }
  }
  return lengths;
}
