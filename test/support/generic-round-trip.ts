import * as ort from 'onnxruntime-node';
import { compile } from '../../src/backends/compile.js';
import type { CompileOptions, CompileResult } from '../../src/backends/options.js';
import { openModel } from '../../src/backends/run.js';
import { findTarget } from '../../src/backends/targets.js';
import { importModel } from '../../src/ir/onnx/import.js';
import type { Tensor } from '../../src/ir/tensor.js';
import { tensorSamples } from '../../src/passes/calibration/fit-samples.js';
import { randomInput, type ModelInput } from './compile-round-trip.js';

export const LEVELS = ['disabled', 'basic', 'extended', 'all'] as const;

export interface GenericRoundTrip {
  readonly result: CompileResult;
  /** Results of the integers that are recognised in the emitted file, by name of the output. */
  readonly own: ReadonlyMap<string, Tensor>;
  /** Share of the results of ONNX Runtime, at any optimisation level, that differ by more than a hundredth of a step. */
  readonly differing: number;
}

/** Compiles a model to QDQ and runs the file on fresh inputs in integers and at every level of ONNX Runtime. */
export async function genericRoundTrip(
  bytes: Uint8Array,
  inputs: readonly ModelInput[],
  options: Partial<CompileOptions> = {},
): Promise<GenericRoundTrip> {
  const target = findTarget('generic');
  if (target === undefined) throw new Error('the target is gone');
  const calibration = new Map(
    inputs.map((input, i) => [input.name, randomInput({ ...input, shape: [48, ...input.shape.slice(1)] }, 48, 11 + i)]),
  );
  const result = await compile(
    { bytes, imported: importModel(bytes) },
    {
      target,
      backend: 'generic',
      model: 'random',
      verify: true,
      samples: (declared) => tensorSamples(declared, calibration),
      ...options,
    },
  );
  const fresh = new Map(inputs.map((input, i) => [input.name, randomInput(input, 7, 23 + i)]));
  const own = openModel(result.bytes).run(fresh);
  const feeds = Object.fromEntries(
    [...fresh].map(([name, { data, dims }]) => [name, new ort.Tensor('float32', data, [...dims])]),
  );
  let [differing, total] = [0, 0];
  for (const graphOptimizationLevel of LEVELS) {
    const session = await ort.InferenceSession.create(result.bytes, { graphOptimizationLevel, logSeverityLevel: 4 });
    const results = await session.run(feeds);
    for (const [name, tensor] of own) {
      const ours = tensor.toNumbers();
      const theirs = Array.from(results[name]?.data as ArrayLike<number | bigint>, Number);
      if (theirs.length !== ours.length) throw new Error(`'${name}' has another size`);
      const peak = Math.max(...ours.map(Math.abs), Number.MIN_VALUE);
      const step = result.summary.activations.find((activation) => activation.name === name)?.scale ?? peak / 255;
      total += ours.length;
      differing += ours.filter((y, i) => !(Math.abs(y - (theirs[i] ?? NaN)) <= step / 100)).length;
    }
    await session.release();
  }
  return { result, own, differing: total === 0 ? 0 : differing / total };
}
