import type { RecordedVectors } from '../../backends/verify/record-vectors.js';
import { VERSION } from '../../backends/version.js';
import { formatSeconds, quantity } from '../text/format.js';
import type { TableOptions } from '../text/table.js';
import { printable } from '../text/width.js';

/** The answer of `vectors`. */
export interface VectorsSummary {
  readonly version: string;
  readonly model: string;
  /** Which samples of the data the vectors are, from 0. */
  readonly samples: readonly number[];
  readonly tensors: number;
  readonly saturations: RecordedVectors['saturations'];
  readonly written: readonly string[];
  readonly seconds: number;
}

export const summariseVectors = (
  model: string,
  { vectors, samples, saturations }: RecordedVectors,
  written: readonly string[],
  seconds: number,
): VectorsSummary => ({
  version: VERSION,
  model,
  samples,
  tensors: vectors[0]?.tensors.length ?? 0,
  saturations,
  written,
  seconds,
});

export function vectorsReport(summary: VectorsSummary, { style }: TableOptions): string[] {
  const { model, samples, tensors, saturations, written, seconds } = summary;
  const { seen, covered } = saturations;
  return [
    `${style.bold(printable(model))}: ${quantity(samples.length, 'golden vector')} in ${formatSeconds(seconds)}`,
    `samples ${samples.join(', ')}${seen === 0 ? '' : `; they show ${covered} of ${seen} saturated channels and bounds`}`,
    ...(tensors === 0 ? [] : [`with ${quantity(tensors, 'integer tensor')} each`]),
    ...written.map((name) => `written to ${printable(name)}`),
  ];
}
