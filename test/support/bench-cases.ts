import { readdirSync } from 'node:fs';
import { numberData, Tensor } from '../../src/ir/tensor.js';
import { Agreement, argmax } from '../../src/runtime/agreement.js';
import { decodeNpy } from '../../src/runtime/formats/npy.js';
import { hasShared, shared, sharedPath } from './fixtures.js';

const FOLDER = 'bench';
export interface BenchMeta {
  readonly task: 'classification' | 'regression' | 'anomaly' | 'none';
  readonly input: { readonly name: string; readonly to_float: string };
  readonly results: Readonly<
    Record<string, { readonly metric?: number | null; readonly sqnr_db?: number; readonly error?: string }>
  >;
}

/** Results of the float model and of the compiled one as real numbers, and what is known of the inputs. */
export interface Outcome {
  readonly inputs: ArrayLike<number>;
  readonly labels: ArrayLike<number>;
  readonly real: ArrayLike<number>;
  readonly results: ArrayLike<number>;
}

export const BENCH_CASES: readonly string[] = hasShared(FOLDER)
  ? readdirSync(sharedPath(FOLDER), { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name)
  : [];

export const numbersOf = (tensor: Tensor): ArrayLike<number> =>
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

export function decibels({ real, results }: Outcome): number {
  const agreement = new Agreement();
  agreement.add(real, results);
  return agreement.sqnrDb;
}

export const METRICS: Readonly<Record<BenchMeta['task'], (outcome: Outcome) => number>> = {
  classification: accuracy,
  regression: determination,
  anomaly: areaUnderCurve,
  none: decibels,
};

function toFloat(tensor: Tensor, { to_float: how }: BenchMeta['input']): Tensor<'float32'> {
  const divisor = how.includes('/ 255') ? 255 : 1;
  return Tensor.float32(
    tensor.dims,
    Float32Array.from(numbersOf(tensor), (x) => Math.fround(x / divisor)),
  );
}

/** A network trained on real data, its calibration inputs and its test set. */
export interface BenchCase {
  readonly meta: BenchMeta;
  readonly model: Uint8Array;
  readonly calibration: Tensor<'float32'>;
  readonly tests: Tensor<'float32'>;
  readonly labels: ArrayLike<number>;
}

export function readBenchCase(name: string): BenchCase {
  const file = (part: string): Uint8Array => shared(`${FOLDER}/${name}/${part}`);
  const meta = JSON.parse(new TextDecoder().decode(file('meta.json'))) as BenchMeta;
  const read = (part: string): Tensor<'float32'> => toFloat(decodeNpy(file(part)), meta.input);
  return {
    meta,
    model: file('float.onnx'),
    calibration: read('calib.npy'),
    tests: read('test_x.npy'),
    labels: numbersOf(decodeNpy(file('test_y.npy'))),
  };
}
