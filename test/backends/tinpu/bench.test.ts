import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { compileModel } from '../../../src/backends/compile-model.js';
import type { Bits } from '../../../src/backends/quantisation.js';
import { openModel } from '../../../src/backends/run.js';
import { numberData, Tensor } from '../../../src/ir/tensor.js';
import { Agreement, argmax } from '../../../src/runtime/agreement.js';
import { decodeNpy } from '../../../src/runtime/formats/npy.js';
import { hasShared, shared, sharedPath } from '../../support/fixtures.js';

const FOLDER = 'bench';
const WIDTHS: readonly Bits[] = [8, 4, 2];

interface Meta {
  readonly task: 'classification' | 'regression' | 'anomaly' | 'none';
  readonly input: { readonly name: string; readonly to_float: string };
  readonly results: Readonly<
    Record<string, { readonly metric?: number | null; readonly sqnr_db?: number; readonly error?: string }>
  >;
}

/** Results of the float model and of the compiled one as real numbers, and what is known of the inputs. */
interface Outcome {
  readonly inputs: ArrayLike<number>;
  readonly labels: ArrayLike<number>;
  readonly real: ArrayLike<number>;
  readonly results: ArrayLike<number>;
}

const cases = hasShared(FOLDER)
  ? readdirSync(sharedPath(FOLDER), { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name)
  : [];

const numbersOf = (tensor: Tensor): ArrayLike<number> =>
  tensor.dtype === 'int64' ? tensor.toNumbers() : (numberData(tensor) ?? []);

const mean = (numbers: readonly number[]): number => numbers.reduce((sum, x) => sum + x, 0) / numbers.length;

/** Share of samples whose largest result is that of their class. */
function accuracy({ labels, results }: Outcome): number {
  const classes = results.length / labels.length;
  return mean(Array.from(labels, (label, i) => (argmax(results, i * classes, classes) === label ? 1 : 0)));
}

/** 1 - Σ (result - target)² / Σ (target - mean)². */
function determination({ labels, results }: Outcome): number {
  const targets = Array.from(labels);
  const centre = mean(targets);
  const left = targets.reduce((sum, target, i) => sum + (target - (results[i] ?? NaN)) ** 2, 0);
  return 1 - left / targets.reduce((sum, target) => sum + (target - centre) ** 2, 0);
}

/** Probability that an anomaly has a larger mean squared difference between result and input than a normal sample has. */
function areaUnderCurve({ inputs, labels, results }: Outcome): number {
  const size = results.length / labels.length;
  const scores = Array.from(labels, (_, i) =>
    mean(
      Array.from({ length: size }, (__, j) => ((inputs[i * size + j] ?? NaN) - (results[i * size + j] ?? NaN)) ** 2),
    ),
  );
  const scoresOf = (wanted: number): number[] => scores.filter((_, i) => labels[i] === wanted);
  const [normal, anomalous] = [scoresOf(0), scoresOf(1)];
  return mean(anomalous.map((a) => mean(normal.map((n) => (a > n ? 1 : a === n ? 0.5 : 0)))));
}

function decibels({ real, results }: Outcome): number {
  const agreement = new Agreement();
  agreement.add(real, results);
  return agreement.sqnrDb;
}

const METRICS: Readonly<Record<Meta['task'], (outcome: Outcome) => number>> = {
  classification: accuracy,
  regression: determination,
  anomaly: areaUnderCurve,
  none: decibels,
};

/**
 * How far a metric may stay below the wrapper's. Classes are counted, and a single sample near the border between two
 * classes falls to either side by chance: jvowels_resadd at 4 bits has 364 of 370 right, the wrapper 365. Figures of the
 * wrapper are rounded to 4 decimals, those in dB to 2.
 */
function tolerance(task: Meta['task'], samples: number): number {
  const rounding = task === 'none' ? 0.005 : 0.00005;
  return task === 'classification' ? 1 / samples + rounding : rounding;
}

function toFloat(tensor: Tensor, { to_float: how }: Meta['input']): Tensor<'float32'> {
  const divisor = how.includes('/ 255') ? 255 : 1;
  return Tensor.float32(
    tensor.dims,
    Float32Array.from(numbersOf(tensor), (x) => Math.fround(x / divisor)),
  );
}

describe.skipIf(cases.length === 0)('trained networks on real data', () => {
  describe.each(cases)('%s', (name) => {
    const file = (part: string): Uint8Array => shared(`${FOLDER}/${name}/${part}`);
    const read = () => {
      const meta = JSON.parse(new TextDecoder().decode(file('meta.json'))) as Meta;
      const [calibration, tests] = ['calib.npy', 'test_x.npy'].map((part) =>
        toFloat(decodeNpy(file(part)), meta.input),
      );
      return { meta, calibration, tests, labels: numbersOf(decodeNpy(file('test_y.npy'))) };
    };

    it.each(WIDTHS)('is no worse than what the wrapper makes of it at %i bits', { timeout: 240_000 }, async (bits) => {
      const { meta, calibration, tests, labels } = read();
      if (calibration === undefined || tests === undefined) throw new RangeError('no data');
      const { bytes } = await compileModel(file('float.onnx'), {
        target: 'f28p55',
        model: name,
        samples: calibration,
        weightBits: bits,
        output: 'float',
      });
      const feeds = new Map([[meta.input.name, tests]]);
      const [real, results] = [file('float.onnx'), bytes].map((model) => {
        const [result] = openModel(model).run(feeds).values();
        return result === undefined ? [] : numbersOf(result);
      });
      if (real === undefined || results === undefined) throw new RangeError('no results');
      expect(results).toHaveLength(real.length);
      const own = METRICS[meta.task]({ inputs: numbersOf(tests), labels, real, results });
      const wrapper = meta.results[`ti_w${bits}`];
      const bar = meta.task === 'none' ? wrapper?.sqnr_db : wrapper?.metric;
      // Where the wrapper fails, it is enough to compile; a network gone wrong has no more signal than error.
      if (typeof bar === 'number') expect(own).toBeGreaterThanOrEqual(bar - tolerance(meta.task, labels.length));
      else expect(decibels({ inputs: [], labels, real, results })).toBeGreaterThan(0);
    });
  });
});
