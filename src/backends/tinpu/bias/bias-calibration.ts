import { UserError, type Diagnostic } from '../../../ir/diagnostics.js';
import type { Graph } from '../../../ir/graph.js';
import type { SampleSource } from '../../../passes/calibration/samples.js';
import type { CompileOptions } from '../../options.js';
import { calibrateBias, type BiasCalibrationOptions, type BiasCorrection } from './calibrate-bias.js';
import { layerName } from '../../report/layer-name.js';
import { measure } from '../../report/measure.js';
import { realise } from '../report/realise.js';

/** Samples that biases are calibrated on. */
const BIAS_SAMPLES = 64;

/** The share of the error of the mean that bias calibration takes away, 0 when it is off. @throws UserError outside 0 … 1. */
export function biasFactorOf({ biasCalibration: factor = 0 }: Pick<CompileOptions, 'biasCalibration'>): number {
  if (factor >= 0 && factor <= 1) return factor;
  throw new UserError({
    code: 'bias-calibration-factor',
    severity: 'error',
    message: `the factor of bias calibration is ${factor}, accepted: 0 (off) to 1 (full correction)`,
  });
}

/** Calibrates the biases of a quantised graph in place and reports what moved and what it did to the outputs. */
export async function applyBiasCalibration(
  float: Graph,
  quantised: Graph,
  samples: SampleSource,
  { kernels, batchSize, factor }: Omit<BiasCalibrationOptions, 'limit'>,
  report: (diagnostic: Diagnostic) => void,
): Promise<void> {
  if (factor === 0) return;
  const options = { kernels, limit: BIAS_SAMPLES, batchSize: Math.min(batchSize, BIAS_SAMPLES) };
  const accuracy = async () =>
    (await measure(float, quantised, samples, { ...options, realise, check: () => undefined, checked: 0 })).accuracy;
  const before = await accuracy();
  const corrections = await calibrateBias(float, quantised, samples, { ...options, factor });
  const after = await accuracy();
  const agreement = `the SQNR of the outputs was ${decibels(before.sqnrDb)} and is ${decibels(after.sqnrDb)} on ${after.samples} samples`;
  report({ code: 'bias-calibrated', severity: 'info', message: [...accountOf(corrections), agreement].join('; ') });
}

/** What moved, and what held it. */
function accountOf(corrections: readonly BiasCorrection[]): string[] {
  const moved = corrections
    .map((correction) => ({ ...correction, count: correction.moves.filter((move) => move !== 0).length }))
    .filter(({ count }) => count > 0);
  const [largest] = moved.toSorted((a, b) => b.largestStep - a.largestStep);
  const total = (count: (correction: BiasCorrection) => number): number =>
    corrections.reduce((sum, correction) => sum + count(correction), 0);
  const biases = moved.reduce((sum, { count }) => sum + count, 0);
  const saturated = total((correction) => correction.saturated);
  const inexact = total((correction) => correction.inexact);
  return [
    largest === undefined
      ? `bias calibration moved none of the biases of ${corrections.length} layers`
      : `bias calibration moved ${biases} biases of ${moved.length} of ${corrections.length} layers, ` +
        `by up to ${largest.largestStep.toPrecision(2)} units of the result (layer '${layerName(largest.node)}')`,
    ...(saturated > 0 ? [`${saturated} of them stop at the largest bias that the hardware holds`] : []),
    ...(inexact > 0 ? [`${inexact} stay as they are because float32 would not hold the sums exactly`] : []),
  ];
}

const decibels = (sqnrDb: number | null): string => (sqnrDb === null ? 'without bound' : `${sqnrDb.toFixed(2)} dB`);
