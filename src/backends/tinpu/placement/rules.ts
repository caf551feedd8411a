import type { LayerShape, Pattern } from './layer.js';

export type RuleSet = 'strict' | 'relaxed';

/** A sentence that says which number breaks the rule and which would do; undefined when the rule holds. */
type Check = (layer: LayerShape, rules: RuleSet) => string | undefined;

const nearestMultiple = (n: number): string => {
  const above = Math.ceil(n / 4) * 4;
  return n < 4 ? '4' : n % 4 === 0 ? `${n}` : `${above - 4} or ${above}`;
};

const multipleOf4 =
  (what: 'input' | 'output'): Check =>
  (layer) => {
    const n = what === 'input' ? layer.inputChannels : layer.outputChannels;
    return n % 4 === 0
      ? undefined
      : `${n} ${what} ${n === 1 ? 'channel' : 'channels'}, a multiple of 4 is needed (${nearestMultiple(n)})`;
  };

const atMost = (what: string, found: number, limit: number): string | undefined =>
  found <= limit ? undefined : `${what} ${found}, at most ${limit}`;

/** A kernel side; the relaxed table lifts the limit of one-dimensional kernels (spec 2.2, remark). */
const side =
  (axis: 0 | 1, limit: number): Check =>
  ({ kernel }, rules) => {
    if (rules === 'relaxed' && kernel[axis === 0 ? 1 : 0] === 1) return undefined;
    return atMost(axis === 0 ? 'kernel height' : 'kernel width', kernel[axis], limit);
  };

const strides =
  (...accepted: readonly (readonly [number, number])[]): Check =>
  ({ strides: [height, width] }) =>
    accepted.some(([h, w]) => h === height && w === width)
      ? undefined
      : `stride (${height}, ${width}), accepted: ${accepted.map(([h, w]) => `(${h}, ${w})`).join(', ')}`;

const undilated: Check = ({ dilations: [height, width] }) =>
  height === 1 && width === 1 ? undefined : `dilation (${height}, ${width}), accepted: (1, 1)`;

const enoughFeatures: Check = ({ inputChannels, weightBits }) => {
  const least = weightBits === 8 ? 16 : 8;
  return inputChannels >= least
    ? undefined
    : `${inputChannels} input features, at least ${least} with ${weightBits}-bit weights`;
};

const singleRow: Check = ({ rows = 1 }) => (rows === 1 ? undefined : `${rows} rows a sample, the FC pattern takes 1`);

const poolKernel: Check = ({ kernel: [height, width] }, rules) => {
  const fits = rules === 'strict' ? Math.max(height, width) <= 4 : Math.min(height, width) <= 4;
  return fits ? undefined : `kernel ${height}x${width}, ${rules === 'strict' ? 'both sides' : 'one side'} at most 4`;
};

const poolArea: Check = ({ area }) =>
  area === undefined || area > 2 ? undefined : `${area} elements averaged, at least 3`;

/** The conditions of spec 2.2, each pattern's in the order they are reported. */
const PLACEMENT: Readonly<Record<Pattern, readonly Check[]>> = {
  FCONV: [multipleOf4('output'), ({ kernel }) => atMost('kernel width', kernel[1], 8), undilated],
  GCONV: [multipleOf4('input'), multipleOf4('output'), side(0, 7), strides([1, 1], [2, 1], [2, 2]), undilated],
  DWCONV: [multipleOf4('input'), side(1, 7), undilated],
  PWCONV: [multipleOf4('input'), multipleOf4('output'), strides([1, 1]), undilated],
  FC: [singleRow, enoughFeatures],
  AVGPOOL: [multipleOf4('input'), poolArea],
  MAXPOOL: [multipleOf4('input'), poolKernel, undilated],
};

/** Every condition a layer breaks, as sentences; none when the NPU takes it. */
export function placementRefusals(layer: LayerShape, rules: RuleSet): string[] {
  const checks = layer.pattern === undefined ? [] : PLACEMENT[layer.pattern];
  return checks.flatMap((check) => check(layer, rules) ?? []);
}
