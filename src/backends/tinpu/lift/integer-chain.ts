import type { ConstantValue, Value } from '../../../ir/graph.js';
import { constantStep } from './affine-chain.js';
import { integersBehind } from './carried.js';
import { dyadicOf, MOST_SCALE, perChannel, shiftOf } from './integer-constants.js';

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

type Lengths = Readonly<Record<keyof Affine, number>>;

interface Step {
  readonly op: string;
  readonly list: readonly number[];
}

const MAX_SHIFT = 31;
const NOT_INTEGERS = 'bias and scale are not per-channel integers';

/**
 * Reads additions, subtractions, multiplications and divisions by constants backwards to carried integers, in whatever
 * number and order, and states them as one BNORM (spec 1.2), factors that are not stated as one scale and one shift in
 * lowest terms. An addition behind a factor counts in units of it, so that `x · 2^-n + 1/2` is read as well. As long as no integer exceeds 24 bits, float32 computes the same.
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
  const stated = isStated(steps);
  const affine: Affine[] = [];
  for (let channel = 0; channel < channels; channel++) {
    const state = composed(steps, channel);
    const reduced = stated || state === undefined ? state : inLowestTerms(state);
    if (reduced === undefined || reduced.shift > MAX_SHIFT) return NOT_INTEGERS;
    affine.push(reduced);
  }
  const lengths = stated ? lengthsOf(steps) : undefined;
  const list = (part: keyof Affine): readonly number[] => {
    const all = affine.map((channel) => channel[part]);
    return all.slice(0, lengths?.[part] ?? (all.every((item) => item === all[0]) ? 1 : channels));
  };
  return { base, bias: list('bias'), scale: list('scale'), shift: list('shift') };
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

/** A fraction is one of a scale of TI's files, 12 bits at most (spec 1.4); with more of them float32 would round. */
function scaled({ bias, scale, shift }: Affine, by: number): Affine | undefined {
  const part = Number.isInteger(by) ? { factor: by, shift: 0 } : dyadicOf(by, MOST_SCALE);
  return part && fitting({ bias, scale: scale * part.factor, shift: shift + part.shift });
}

/** Whether the multipliers are those of a BNORM as they stand: integers at most once, then powers of two at most once. */
function isStated(steps: readonly Step[]): boolean {
  const [first, second, more] = steps.filter(({ op }) => isFactor(op));
  if (first === undefined || more !== undefined) return more === undefined;
  const whole = first.op === 'Mul' && first.list.every(Number.isInteger);
  return second === undefined ? whole || isShift(first) : whole && isShift(second);
}

const isFactor = (op: string): boolean => op === 'Mul' || op === 'Div';

const isShift = ({ op, list }: Step): boolean =>
  list.every((item) => shiftOf(op === 'Mul' ? item : 1 / item) !== undefined);

/** The same multiplier with the least scale. */
function inLowestTerms({ bias, scale, shift }: Affine): Affine {
  const least = dyadicOf(scale * 2 ** -shift, 2 ** 31);
  return { bias, scale: least?.factor ?? scale, shift: least?.shift ?? shift };
}

function fitting({ bias, scale, shift }: Affine): Affine | undefined {
  const fits = [bias, scale].every((n) => Number.isInteger(n) && Math.abs(n) < 2 ** 31);
  return fits ? { bias: bias + 0, scale, shift } : undefined;
}

/** How many elements each list needs that is made of the constants as they stand. */
function lengthsOf(steps: readonly Step[]): Lengths {
  const lengths = { bias: 1, scale: 1, shift: 1 };
  let factors = 1;
  for (const { op, list } of steps) {
    if (isFactor(op)) factors = Math.max(factors, list.length);
    else lengths.bias = Math.max(lengths.bias, list.length, factors);
  }
  const [first, second] = steps.filter(({ op }) => isFactor(op));
  if (first === undefined) return lengths;
  if (second === undefined && isShift(first)) return { ...lengths, shift: first.list.length };
  return { ...lengths, scale: first.list.length, shift: second?.list.length ?? 1 };
}
