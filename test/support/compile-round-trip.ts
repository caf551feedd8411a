import * as ort from 'onnxruntime-node';
import { compile } from '../../src/backends/compile.js';
import type { CompileOptions, CompileResult } from '../../src/backends/options.js';
import { findTarget } from '../../src/backends/targets.js';
import { TINPU_KERNELS } from '../../src/backends/tinpu/dialect.js';
import { liftCarrier } from '../../src/backends/tinpu/lift/lift.js';
import { importModel } from '../../src/ir/onnx/import.js';
import { uniformSource } from '../../src/ir/random.js';
import { sizeOf } from '../../src/ir/shape.js';
import { numberData, Tensor } from '../../src/ir/tensor.js';
import { tensorSamples } from '../../src/passes/calibration/fit-samples.js';
import { Agreement } from '../../src/runtime/agreement.js';
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
  /** Of each output against ONNX Runtime on the float model; Infinity where both are 0 throughout. */
  readonly sqnrDb: ReadonlyMap<string, number>;
}

const LEVELS = ['disabled', 'basic', 'extended', 'all'] as const;

/** Compiles a model, runs the emitted file on fresh inputs in ONNX Runtime and in the interpreter, and compares them. */
export async function roundTrip(
  bytes: Uint8Array,
  input: ModelInput,
  options: Partial<CompileOptions> = {},
): Promise<RoundTrip> {
  const target = findTarget('f28p55');
  if (target === undefined) throw new Error('the target is gone');
  const calibration = randomInput({ ...input, shape: [48, ...input.shape.slice(1)] }, 48, 11);
  const result = await compile(
    { bytes, imported: importModel(bytes) },
    {
      target,
      backend: 'tinpu',
      model: 'random',
      verify: true,
      samples: (inputs) => tensorSamples(inputs, calibration),
      ...options,
    },
  );
  const x = randomInput(input, 7, 23);
  const lifted = liftCarrier(importModel(result.bytes).graph);
  const own = prepare(lifted, TINPU_KERNELS).run(new Map([[input.name, x]]));
  const feeds = { [input.name]: new ort.Tensor('float32', x.data, [...x.dims]) };
  const differing: Record<string, number> = {};
  let largest = 0;
  for (const level of LEVELS) {
    const session = await ort.InferenceSession.create(result.bytes, { graphOptimizationLevel: level, logSeverityLevel: 4 });
    const results = await session.run(feeds);
    let count = 0;
    for (const [name, tensor] of own) {
      const theirs = results[name]?.data as Float32Array;
      const ours = numberData(tensor);
      if (ours === undefined || theirs.length !== ours.length) throw new Error(`'${name}' has another size`);
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
  const float = await ort.InferenceSession.create(bytes, { graphOptimizationLevel: 'disabled', logSeverityLevel: 4 });
  const expected = await float.run(feeds);
  await float.release();
  const sqnrDb = new Map(
    result.summary.outputs.map(({ name, scale }) => {
      const agreement = new Agreement();
      const tensor = own.get(name);
      agreement.add(
        expected[name]?.data as Float32Array,
        (tensor && numberData(tensor)) ?? [],
        options.output === 'float' ? 1 : scale,
      );
      return [name, agreement.sqnrDb];
    }),
  );
  return { result, differing, largest, sqnrDb };
}
