import { UserError } from '../ir/diagnostics.js';
import { importModel, type ImportOptions } from '../ir/onnx/import.js';
import { streamSamples, tensorSamples, type SampleItem } from '../passes/calibration/fit-samples.js';
import type { SampleInput, SampleSource } from '../passes/calibration/samples.js';
import { Tensor } from '../ir/tensor.js';
import { compile } from './compile.js';
import type { CompileOptions, CompileResult } from './options.js';
import { findTarget, TARGETS, type BackendName, type Target } from './targets.js';

/**
 * Calibration data: one tensor or one map of them, samples along axis 0; items of one or more samples, which are held until
 * the end; or a function that starts them afresh, so that nothing is held. An item is a tensor, or a map with a tensor for
 * every input.
 */
export type CalibrationData =
  | SampleItem
  | Iterable<SampleItem>
  | AsyncIterable<SampleItem>
  | (() => Iterable<SampleItem> | AsyncIterable<SampleItem>);

export interface CompileModelOptions
  extends
    Partial<Omit<CompileOptions, 'target' | 'backend' | 'samples'>>,
    Pick<ImportOptions, 'resolveExternal' | 'freeDims'> {
  /** A target, or its name or alias. */
  readonly target: Target | string;
  /** The target's own when omitted. */
  readonly backend?: BackendName | undefined;
  /** Seeded random numbers, with a warning, when omitted. */
  readonly samples?: CalibrationData | undefined;
}

/**
 * Compiles a float ONNX model in memory.
 * @param bytes the model file
 * @throws UserError with every reason why that is impossible; InternalError for defects of quantc
 */
export async function compileModel(bytes: Uint8Array, options: CompileModelOptions): Promise<CompileResult> {
  const { resolveExternal, freeDims, samples, model = 'model', ...rest } = options;
  const target = targetOf(options.target);
  const imported = importModel(bytes, {
    file: model,
    ...(resolveExternal !== undefined && { resolveExternal }),
    ...(freeDims !== undefined && { freeDims }),
  });
  return compile(
    { bytes, imported },
    {
      ...rest,
      model,
      target,
      backend: options.backend ?? target.defaultBackend,
      ...(samples !== undefined && { samples: (inputs) => openSamples(inputs, samples) }),
    },
  );
}

function targetOf(target: Target | string): Target {
  if (typeof target !== 'string') return target;
  const found = findTarget(target);
  if (found !== undefined) return found;
  throw new UserError({
    code: 'unknown-target',
    severity: 'error',
    message: `the target '${target}' is not known, accepted: ${TARGETS.map(({ name }) => name).join(', ')}`,
  });
}

async function openSamples(inputs: readonly SampleInput[], data: CalibrationData): Promise<SampleSource> {
  if (data instanceof Tensor || data instanceof Map) return tensorSamples(inputs, data as SampleItem);
  if (typeof data === 'function') return streamSamples(inputs, data);
  const held: SampleItem[] = [];
  for await (const item of data as AsyncIterable<SampleItem>) held.push(item);
  return streamSamples(inputs, held);
}
