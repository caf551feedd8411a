import type { Graph } from '../../ir/graph.js';
import { macsOf } from '../work.js';
import { rowsPerSample } from '../report/rows.js';

/** Multiply-accumulates that each look at the samples may take, so that a model of large images compiles in a minute. */
const MOST_MACS = 2e9;

/** Samples that an emitted model is checked on, and that agreement with the model that was given is measured on. */
export const CHECKED_SAMPLES = 16;
export const MEASURED_SAMPLES = 64;

/** How many samples of at most `most`, and at least a few, a float graph may be run on within the budget. */
export function affordableSamples(float: Graph, most: number): number {
  const rows = rowsPerSample(float);
  const macs = float.nodes.reduce((sum, node) => sum + macsOf(node, (value) => rows.get(value) ?? 1), 0);
  const least = Math.min(most, LEAST_SAMPLES);
  return Math.max(least, Math.min(most, Math.floor(MOST_MACS / Math.max(1, macs))));
}

const LEAST_SAMPLES = 4;
