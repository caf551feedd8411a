import type { LayerErrors } from './layer-measure.js';
import type { WeightFacts } from './quantised-tensor.js';

/** Where most of a layer's own error comes from. */
export type ErrorCause = 'weights' | 'rounding' | 'saturation';

/** The option of the compiler that takes most away from a layer's own error. */
export interface Advice {
  readonly flag: string;
  /** By how much the layer's own error falls, as far as the measurement tells. */
  readonly gainDb: number;
  /** Why, for people to read. */
  readonly reason: string;
}

/** What is known of a layer beside its errors. */
export interface LayerFacts {
  /** How `--bits` names it. */
  readonly name: string;
  readonly activationBits: number;
  readonly weights: WeightFacts | undefined;
  /** The recipe that the model was made by; undefined for one that quantc did not make. */
  readonly recipe: string | undefined;
}

/** Smaller gains are not worth a change. */
const LEAST_GAIN_DB = 1;

export const ownError = ({ weights, rounding, saturation }: LayerErrors): number => weights + rounding + saturation;

/** The largest part of a layer's own error; undefined where it has none. */
export function causeOf(errors: LayerErrors): ErrorCause | undefined {
  if (ownError(errors) === 0) return undefined;
  const { weights, rounding, saturation } = errors;
  if (weights >= rounding && weights >= saturation) return 'weights';
  return saturation > rounding ? 'saturation' : 'rounding';
}

/** An option and what would be left of the error with it. */
interface Remedy {
  readonly flag: string;
  readonly left: number;
  readonly reason: string;
}

/**
 * The option with the largest expected gain, each judged by the measured parts of the error: another width divides the part
 * that rounds to it by 4 for each bit; another range has the error of the grid that was tried; a recipe without powers of two
 * uses weights and range in full; biases take away the mean of each channel. Undefined where none gains a decibel.
 */
export function advise(errors: LayerErrors, facts: LayerFacts): Advice | undefined {
  const present = ownError(errors);
  if (present === 0) return undefined;
  const remedies = [...widths(errors, facts), ...ranges(errors), ...recipes(errors, facts)];
  const [first, ...others] = remedies;
  if (first === undefined) return undefined;
  const best = others.reduce((a, b) => (b.left < a.left * (1 - 1e-9) ? b : a), first);
  const gainDb = best.left <= 0 ? Infinity : 10 * Math.log10(present / best.left);
  return gainDb < LEAST_GAIN_DB ? undefined : { flag: best.flag, gainDb, reason: best.reason };
}

function widths(errors: LayerErrors, { name, activationBits, weights }: LayerFacts): Remedy[] {
  const remedies: Remedy[] = [];
  const finer = (part: number, bits: number): number => part / 4 ** (8 - bits);
  const ofWeights = weights === undefined || weights.bits >= 8 ? undefined : finer(errors.weights, weights.bits);
  const ofResult = activationBits >= 8 ? undefined : finer(errors.rounding, activationBits);
  if (ofWeights !== undefined) {
    const left = ofWeights + errors.rounding + errors.saturation;
    const reason = `its weights have ${weights?.bits ?? 8} bits`;
    remedies.push({ flag: `--bits ${quoted(`${name}=8`)}`, left, reason });
  }
  if (ofResult !== undefined) {
    const left = errors.weights + ofResult + errors.saturation;
    remedies.push({ flag: `--bits ${quoted(`${name}=/8`)}`, left, reason: `its result has ${activationBits} bits` });
  }
  if (ofWeights !== undefined && ofResult !== undefined) {
    const reason = `its weights have ${weights?.bits ?? 8} bits, its result ${activationBits}`;
    remedies.push({ flag: `--bits ${quoted(`${name}=8/8`)}`, left: ofWeights + ofResult + errors.saturation, reason });
  }
  return remedies;
}

function ranges({ weights, otherScales, reach, elements, saturated }: LayerErrors): Remedy[] {
  const remedies: Remedy[] = [];
  const covering = otherScales.find(({ factor }) => factor >= reach);
  if (saturated > 0 && covering !== undefined) {
    const share = ((100 * saturated) / elements).toPrecision(2);
    const reason = `${share} % of its result lie beyond its range`;
    remedies.push({ flag: '--observer minmax', left: weights + covering.error, reason });
  }
  const narrower = otherScales.filter(({ factor }) => factor < 1);
  const [first, ...others] = narrower;
  if (first !== undefined) {
    const best = others.reduce((a, b) => (b.error < a.error ? b : a), first);
    const reason = `its range is wider than most of its result, which takes ${percent(best.factor)} of it`;
    remedies.push({ flag: '--observer percentile', left: weights + best.error, reason });
  }
  return remedies;
}

function recipes(errors: LayerErrors, { recipe, weights }: LayerFacts): Remedy[] {
  const { saturation, rounding, meanShift, reach } = errors;
  if (recipe === undefined) return [];
  if (recipe !== 'quantc') {
    const fill = weights?.bits === 8 ? weights.fill : 1;
    const left = errors.weights * fill + saturation + rounding * Math.min(1, reach) ** 2;
    return [{ flag: '--recipe quantc', left, reason: `the scales of the recipe ${recipe} are powers of two` }];
  }
  const left = errors.weights - meanShift + saturation + rounding;
  return [{ flag: '--bias-calibration 1', left, reason: 'the error of its weights shifts the means of its channels' }];
}

const percent = (share: number): string => `${(share * 100).toPrecision(2)} %`;

/** An argument as a shell takes it. */
const quoted = (text: string): string => (/^[\w./:@+=-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);
