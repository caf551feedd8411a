import type { Diagnostic } from '../../ir/diagnostics.js';
import type { Graph } from '../../ir/graph.js';
import type { SampleSource } from '../../passes/calibration/samples.js';
import { syntheticSamples } from '../../passes/calibration/synthetic.js';
import type { CompileOptions } from '../options.js';
import { affordableSamples } from './sample-budget.js';

/** Samples that stand in for calibration data. */
const SYNTHETIC_SAMPLES = 64;

/** The calibration data that were given, or seeded random numbers, with a warning that ranges are not representative. */
export async function openSamples(
  float: Graph,
  { samples }: Pick<CompileOptions, 'samples'>,
  report: (diagnostic: Diagnostic) => void,
): Promise<SampleSource> {
  if (samples !== undefined) return samples(float.inputs);
  return syntheticSamples(float.inputs, { report, count: affordableSamples(float, SYNTHETIC_SAMPLES) });
}
