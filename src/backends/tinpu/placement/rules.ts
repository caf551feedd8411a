import type { LayerShape, Pattern } from './layer.js';
import { requantisationRefusals } from './requantisation-rules.js';

export type RuleSet = 'strict' | 'relaxed';

/** A sentence that says which number breaks the rule and which would do; undefined when the rule holds. */
type Check = (layer: LayerShape, rules: RuleSet) => string | undefined;

const nearestMultiple = (n: number): string => {
  const above = Math.ceil(n / 4) * 4;
  return n < 4 ? '4' : `${above - 4} or ${above}`;
};

const multipleOf4 =
  (what: 'input' | 'output'): Check =>
  (layer) => {
    const n = what === 'input' ? layer.inputChannels : layer.outputChannels;
    if (n === 0) return `an unknown number of ${what} channels, a multiple of 4 is needed`;
    return n % 4 === 0
      ? undefined
      : `${n} ${what} ${n === 1 ? 'channel' : 'channels'}, a multiple of 4 is needed (${nearestMultiple(n)})`;
  };

const strictly =
  (check: Check): Check =>
  (layer, rules) =>
    rules === 'strict' ? check(layer, rules) : undefined;

const atMost = (what: string, found: number, limit: number): string | undefined =>
  found <= limit ? undefined : `${what} ${found}, at most ${limit}`;

/** A kernel side; the relaxed table lifts the limit of one-dimensional kernels (spec 2.2, remark). */
const side =
  (axis: 0 | 1, limit: number): Check =>
  ({ kernel }, rules) => {
    if (rules === 'relaxed' && kernel[axis === 0 ? 1 : 0] === 1) return undefined;
    return atMost(axis === 0 ? 'kernel height' : 'kernel width', kernel[axis], limit);
  };

/** Strides out of a list; the nearest of it is the one that the fewest steps along either axis lead to. */
const strides =
  (...accepted: readonly (readonly [number, number])[]): Check =>
  ({ strides: [height, width] }) => {
    const distances = accepted.map(([h, w]) => Math.abs(h - height) + Math.abs(w - width));
    const least = Math.min(...distances);
    if (least === 0) return undefined;
    const nearest = accepted.filter((_, i) => distances[i] === least).map(([h, w]) => `(${h}, ${w})`);
    return `stride (${height}, ${width}), nearest accepted ${nearest.join(' or ')}`;
  };

const undilated: Check = ({ dilations: [height, width] }) =>
  height === 1 && width === 1 ? undefined : `dilation (${height}, ${width}), nearest accepted (1, 1)`;

/** Activations of the NPU have 8 bits; a width that both sides share is told once. */
const eightBits: Check = ({ activationBits = [] }) => {
  const others = [...new Set(activationBits)].filter((bits) => bits !== 8);
  return others.length === 0 ? undefined : `activations of ${others.join(' and ')} bits, 8 are needed`;
};

const enoughFeatures: Check = ({ inputChannels, weightBits }) => {
  const least = weightBits === 8 ? 16 : 8;
  return inputChannels >= least
    ? undefined
    : `${inputChannels} input features, at least ${least} with ${weightBits}-bit weights`;
};

const singleRow: Check = ({ rows = 1 }) => (rows === 1 ? undefined : `${rows} rows a sample, the FC pattern takes 1`);

/** Strict: both sides at most 4; relaxed: one of them. */
const poolKernel: Check = ({ kernel: [height, width] }, rules) => {
  const both = rules === 'strict';
  if (both ? Math.max(height, width) <= 4 : Math.min(height, width) <= 4) return undefined;
  const nearest = both ? [Math.min(height, 4), Math.min(width, 4)] : height <= width ? [4, width] : [height, 4];
  return `kernel ${height}x${width}, ${both ? 'both sides' : 'one side'} at most 4 (${nearest.join('x')})`;
};

const poolArea: Check = ({ area }) =>
  area === undefined || area > 2 ? undefined : `${area} elements averaged, at least 3`;

const oneGroup: Check = ({ groups }) => (groups === 1 ? undefined : `${groups} groups, 1 is accepted`);

const POINTWISE: readonly Check[] = [multipleOf4('input'), multipleOf4('output'), strides([1, 1])];

/**
 * The conditions of spec 2.2, each pattern's in the order they are reported. TCONV has no row of its own there: what holds
 * for all layers, and in the strict table the channels that TI asks for throughout.
 */
const PLACEMENT: Readonly<Record<Pattern, readonly Check[]>> = {
  FCONV: [multipleOf4('output'), ({ kernel }) => atMost('kernel width', kernel[1], 8)],
  GCONV: [multipleOf4('input'), multipleOf4('output'), side(0, 7), strides([1, 1], [2, 1], [2, 2])],
  DWCONV: [multipleOf4('input'), side(1, 7)],
  PWCONV: POINTWISE,
  PWCONVRES: POINTWISE,
  TCONV: [strictly(multipleOf4('input')), strictly(multipleOf4('output')), oneGroup],
  FC: [singleRow, enoughFeatures],
  AVGPOOL: [multipleOf4('input'), poolArea],
  MAXPOOL: [multipleOf4('input'), poolKernel],
};

/** Every condition a layer breaks, as sentences; none when the NPU takes it. */
export function placementRefusals(layer: LayerShape, rules: RuleSet): string[] {
  if (layer.pattern === undefined) return [];
  const checks = [...PLACEMENT[layer.pattern], undilated, eightBits];
  return [...checks.flatMap((check) => check(layer, rules) ?? []), ...requantisationRefusals(layer)];
}
