import * as ort from 'onnxruntime-node';
import { compile } from '../../src/backends/compile.js';
import type { CompileOptions, CompileResult } from '../../src/backends/options.js';
import { findTarget } from '../../src/backends/targets.js';
import { TINPU_KERNELS } from '../../src/backends/tinpu/dialect.js';
import { liftCarrier } from '../../src/backends/tinpu/lift/lift.js';
import { importModel } from '../../src/ir/onnx/import.js';
import { uniformSource } from '../../src/ir/random.js';
import { sizeOf } from '../../src/ir/shape.js';
import { Tensor } from '../../src/ir/tensor.js';
import { tensorSamples } from '../../src/passes/calibration/fit-samples.js';
import { prepare } from '../../src/runtime/executor.js';

export interface ModelInput {
  readonly name: string;
  readonly shape: readonly (number | string)[];
  readonly amplitude: number;
}

/** Random elements within ± amplitude; `samples` of them, or as many as a fixed batch takes. */
export function randomInput({ shape, amplitude }: ModelInput, samples: number, seed: number): Tensor<'float32'> {
  const next = uniformSource(seed);
  const dims = shape.map((dim, axis) => (typeof dim === 'number' ? dim : axis === 0 ? samples : 1));
  return Tensor.float32(
    dims,
    Float32Array.from({ length: sizeOf(dims) }, () => next() * amplitude),
  );
}

export interface RoundTrip {
  readonly result: CompileResult;
  /** Elements in which ONNX Runtime and the integer interpreter differ, by optimisation level. */
  readonly differing: Readonly<Record<string, number>>;
  /** Largest such difference. */
  readonly largest: number;
}

const LEVELS = ['disabled', 'basic', 'extended', 'all'] as const;

/** Compiles a model, runs the emitted file on fresh inputs in ONNX Runtime and in the interpreter, and compares them. */
export async function roundTrip(
  bytes: Uint8Array,
  inputs: readonly ModelInput[],
  options: Partial<CompileOptions> = {},
): Promise<RoundTrip> {
  const target = findTarget('f28p55');
  if (target === undefined) throw new Error('the target is gone');
  const calibration = new Map(
    inputs.map((input, i) => [input.name, randomInput({ ...input, shape: [48, ...input.shape.slice(1)] }, 48, 11 + i)]),
  );
  const result = await compile(
    { bytes, imported: importModel(bytes) },
    {
      target,
      backend: 'tinpu',
      model: 'random',
      verify: true,
      samples: (declared) => tensorSamples(declared, calibration),
      ...options,
    },
  );
  const fresh = new Map(inputs.map((input, i) => [input.name, randomInput(input, 7, 23 + i)]));
  const lifted = liftCarrier(importModel(result.bytes).graph);
  const own = prepare(lifted, TINPU_KERNELS).run(fresh);
  const feeds = Object.fromEntries(
    [...fresh].map(([name, { data, dims }]) => [name, new ort.Tensor('float32', data, [...dims])]),
  );
  const differing: Record<string, number> = {};
  let largest = 0;
  for (const level of LEVELS) {
    const session = await ort.InferenceSession.create(result.bytes, {
      graphOptimizationLevel: level,
      logSeverityLevel: 4,
    });
    const results = await session.run(feeds);
    let count = 0;
    for (const [name, tensor] of own) {
      const theirs = Array.from(results[name]?.data as ArrayLike<number | bigint>, Number);
      const ours = tensor.toNumbers();
      if (theirs.length !== ours.length) throw new Error(`'${name}' has another size`);
      for (const [i, value] of theirs.entries()) {
        const distance = Math.abs(value - (ours[i] ?? NaN));
        if (distance === 0) continue;
        count++;
        largest = Math.max(largest, Number.isNaN(distance) ? Infinity : distance);
      }
    }
    differing[level] = count;
    await session.release();
  }
  return { result, differing, largest };
}
