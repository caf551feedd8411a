import type { Bounds } from '../bounds.js';
import { BANDS, readBand } from './band.js';
import type { SurgeryEntry } from './entry.js';
import { gatedBy, type Gate } from './gate.js';
import { near } from './near.js';
import { hardSigmoidLine } from './hard-sigmoid-line.js';
import { isNearly, readPolynomial, scaled, type Polynomial } from './polynomial.js';
import { chainToRelu, operatorToRelu } from './relu.js';

/** Slopes of HardSigmoid: the one of HardSwish, and the default of ONNX and of older Keras. */
const SLOPES: readonly number[] = [1 / 6, 0.2];

/** x · HardSigmoid(x), or with x / 6 + ½ brought into [0, 1] by other operators, divided by 6 before or behind. */
function hardSwishComplaint(gate: Gate): string | undefined {
  const { core, x, scale, offset, isInverse } = gate;
  if (isInverse) return 'it divides by the gate';
  const ramp = core.op === 'HardSigmoid' ? hardSigmoidRamp(gate) : boundedRamp(gate);
  if (ramp === undefined) return `what ${core.op} bounds is no line in '${x.name}' between numbers`;
  const ends = scale < 0 ? [ramp.hi, ramp.lo] : [ramp.lo, ramp.hi];
  const [low = NaN, high = NaN] = ends.map((end) => scale * end + offset);
  if (!near(low, 0) || !near(high, 1)) return 'the gate does not lead from 0 to 1';
  const line = plus(scaled(ramp.line, scale), offset);
  return SLOPES.some((slope) => isNearly(line, [0.5, slope]))
    ? undefined
    : 'between its bounds the gate is not x / 6 + ½';
}

/** A polynomial of the gated value, brought into bounds. */
interface Ramp extends Bounds {
  readonly line: Polynomial;
}

function hardSigmoidRamp({ core: { attrs, inputs }, x, cover }: Gate): Ramp | undefined {
  const inner = readPolynomial(inputs[0], x, cover);
  const [alpha, beta] = hardSigmoidLine(attrs);
  return inner && { line: plus(scaled(inner, alpha), beta), lo: 0, hi: 1 };
}

function boundedRamp({ core, x, cover }: Gate): Ramp | undefined {
  const band = readBand(core, cover);
  const line = band && readPolynomial(band.of, x, cover);
  return line && { line, lo: band.lo, hi: band.hi };
}

const plus = ([constant = 0, ...higher]: Polynomial, shift: number): Polynomial => [constant + shift, ...higher];

/** HardSwish: the operator, x · HardSigmoid(x), and the spellings by Clip, ReLU6, Min and Max. */
export const hardSwish: SurgeryEntry = {
  name: 'hard-swish',
  replaces: 'HardSwish; x · HardSigmoid(x); x · Clip(x + 3, 0, 6) / 6',
  by: 'Relu',
  rules: [
    operatorToRelu('HardSwish'),
    chainToRelu('replace-hard-swish-chain', gatedBy(['HardSigmoid', ...BANDS], hardSwishComplaint)),
  ],
};
