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
 * Expects the integer interpreter, the emitted file read back, and ONNX Runtime at every level to compute the same.
 * @returns elements of the results, by name of the output
 */
export async function expectEqualRuns(
  { bytes, quantised }: Pick<CompileResult, 'bytes' | 'quantised'>,
  feeds: ReadonlyMap<string, Tensor>,
  levels: readonly (typeof ORT_LEVELS)[number][],
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
      expect(Array.from(answers[name]?.data as Float32Array), `${name}, optimisation ${level}`).toEqual(numbers);
    }
  }
  return results;
}
