import * as ort from 'onnxruntime-node';
import { expect } from 'vitest';
import type { CompileResult } from '../../src/backends/options.js';
import { openModel } from '../../src/backends/run.js';
import { TINPU_KERNELS } from '../../src/backends/tinpu/dialect.js';
import type { Tensor } from '../../src/ir/tensor.js';
import { prepare } from '../../src/runtime/executor.js';

/** Optimisation levels of ONNX Runtime. */
export const ORT_LEVELS = ['disabled', 'basic', 'extended', 'all'] as const;

/**
 * Exponentials of two libraries differ in the last bits: by parts of 10^-6 as real numbers up to 1, and by 1 in an integer
 * they are rounded to where that decides, which of a hundred should meet none.
 */
const REAL_DIFFERENCE = 1e-6;
const FLIPPED_SHARE = 0.01;

/**
 * Expects the integer interpreter, the emitted file read back, and ONNX Runtime at every level to compute the same.
 * @param inexact whether float operators that no standard gives to the last bit take part: then ONNX Runtime may differ by
 * as little as that explains
 * @returns elements of the results, by name of the output
 */
export async function expectEqualRuns(
  { bytes, quantised }: Pick<CompileResult, 'bytes' | 'quantised'>,
  feeds: ReadonlyMap<string, Tensor>,
  levels: readonly (typeof ORT_LEVELS)[number][],
  { inexact = false }: { readonly inexact?: boolean } = {},
): Promise<ReadonlyMap<string, readonly number[]>> {
  const computed = prepare(quantised, TINPU_KERNELS).run(feeds);
  const results = new Map([...computed].map(([name, tensor]) => [name, tensor.toNumbers()]));
  const readBack = openModel(bytes).run(feeds);
  expect(new Map([...readBack].map(([name, tensor]) => [name, tensor.toNumbers()]))).toEqual(results);
  const inputs = Object.fromEntries(
    [...feeds].map(([name, { data, dims }]) => [name, new ort.Tensor('float32', data as Float32Array, [...dims])]),
  );
  for (const level of levels) {
    const session = await ort.InferenceSession.create(bytes, { graphOptimizationLevel: level });
    const answers = await session.run(inputs);
    for (const [name, numbers] of results) {
      const theirs = Array.from(answers[name]?.data as Float32Array);
      const where = `${name}, optimisation ${level}`;
      if (inexact) expectClose(theirs, numbers, where);
      else expect(theirs, where).toEqual(numbers);
    }
  }
  return results;
}

function expectClose(theirs: readonly number[], own: readonly number[], where: string): void {
  expect(theirs, where).toHaveLength(own.length);
  const whole = own.every(Number.isInteger);
  const differences = own.map((x, i) => Math.abs(x - (theirs[i] ?? NaN))).filter((difference) => difference !== 0);
  for (const difference of differences) expect(difference, where).toBeLessThanOrEqual(whole ? 1 : REAL_DIFFERENCE);
  if (whole) expect(differences.length, where).toBeLessThanOrEqual(FLIPPED_SHARE * own.length);
}
