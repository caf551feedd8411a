import type { ModelKind, SampleResults } from '../../backends/run.js';
import { VERSION } from '../../backends/version.js';
import type { Tensor } from '../../ir/tensor.js';
import { formatReal, formatSeconds, formatType, quantity } from '../text/format.js';
import { table, type TableOptions } from '../text/table.js';
import { printable } from '../text/width.js';

/** The answer of `run`: a digest of each output. */
export interface RunSummary {
  readonly version: string;
  readonly model: string;
  readonly kind: ModelKind;
  readonly samples: number;
  readonly outputs: readonly TensorDigest[];
  readonly seconds: number;
}

export interface TensorDigest {
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly number[];
  /** Null for a tensor without elements. */
  readonly min: number | null;
  readonly max: number | null;
  readonly first: readonly number[];
}

const FIRST = 8;

export const summariseRun = (
  model: string,
  kind: ModelKind,
  { samples, outputs }: SampleResults,
  seconds: number,
): RunSummary => ({
  version: VERSION,
  model,
  kind,
  samples,
  outputs: [...outputs].map(([name, tensor]) => digest(name, tensor)),
  seconds,
});

function digest(name: string, { dtype, dims, data }: Tensor): TensorDigest {
  let [min, max] = [Infinity, -Infinity];
  for (const item of data as Iterable<number | bigint>) {
    const value = Number(item);
    if (value < min) min = value;
    if (value > max) max = value;
  }
  const first = Array.from(
    (data as Float32Array | BigInt64Array).subarray(0, FIRST) as Iterable<number | bigint>,
    Number,
  );
  return { name, dtype, shape: dims, min: min > max ? null : min, max: min > max ? null : max, first };
}

const HOW: Readonly<Record<ModelKind, string>> = {
  float: 'in floats',
  tinpu: 'in integers of the NPU',
  qdq: 'in integers with zero points, and in floats where the model leaves them',
};

/** @param written names of the files that were written */
export function runReport(summary: RunSummary, written: readonly string[], options: TableOptions): string[] {
  const { model, kind, samples, outputs, seconds } = summary;
  return [
    `${options.style.bold(printable(model))}: ${quantity(samples, 'sample')} ${HOW[kind]} in ${formatSeconds(seconds)}`,
    '',
    ...table(
      [
        { heading: 'output', shrinksTo: 8 },
        { heading: 'type' },
        { heading: 'least', right: true },
        { heading: 'largest', right: true },
        { heading: 'first elements', shrinksTo: 14, keepsStart: true },
      ],
      outputs.map(({ name, dtype, shape, min, max, first }) => ({
        cells: [
          printable(name),
          formatType(dtype, shape),
          min === null ? '–' : formatReal(min),
          max === null ? '–' : formatReal(max),
          first.map(formatReal).join(', '),
        ],
      })),
      options,
    ),
    ...(written.length === 0 ? [] : ['', ...written.map((name) => `written to ${printable(name)}`)]),
  ];
}
