import { UserError, type Diagnostic } from '../ir/diagnostics.js';
import { GraphEditor } from '../ir/editor.js';
import { importModel, type ImportedModel, type ImportOptions } from '../ir/onnx/import.js';
import { OPERATORS } from '../ir/ops/index.js';
import { runPipeline, type Pass } from '../passes/pass.js';
import { FLOAT_KERNELS } from '../runtime/float/index.js';
import { openSamples, type CalibrationData } from './calibration-data.js';
import { compile } from './compile.js';
import type { CompileOptions, CompileResult } from './options.js';
import { findTarget, TARGETS, type BackendName, type Target } from './targets.js';

/** What `compileModel` is told: a target, and whatever differs from the defaults. */
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
  /** Passes of the caller's own, run in order over the imported float graph before anything else. */
  readonly passes?: readonly Pass[] | undefined;
}

/**
 * Compiles a float ONNX model in memory.
 * @param bytes the model file
 * @throws UserError with every reason why that is impossible; InternalError for defects of quantc
 */
export async function compileModel(bytes: Uint8Array, options: CompileModelOptions): Promise<CompileResult> {
  const { resolveExternal, freeDims, samples, passes = [], model = 'model', ...rest } = options;
  const target = targetOf(options.target);
  const imported = importModel(bytes, {
    file: model,
    ...(resolveExternal !== undefined && { resolveExternal }),
    ...(freeDims !== undefined && { freeDims }),
  });
  return compile(
    { bytes, imported: withPasses(imported, passes, rest) },
    {
      ...rest,
      model,
      target,
      backend: options.backend ?? target.defaultBackend,
      ...(samples !== undefined && { samples: (inputs) => openSamples(inputs, samples) }),
    },
  );
}

/** The model rewritten in place by passes, with what they report. */
function withPasses(
  imported: ImportedModel,
  passes: readonly Pass[],
  { trace, verify }: Pick<CompileModelOptions, 'trace' | 'verify'>,
): ImportedModel {
  const found: Diagnostic[] = [];
  const steps = passes.map((pass) => ({ pass, because: 'the caller wants it' }));
  const context = { operators: OPERATORS, kernels: FLOAT_KERNELS, trace, verify };
  runPipeline(new GraphEditor(imported.graph), { name: 'own', steps }, { ...context, report: (d) => found.push(d) });
  return { ...imported, diagnostics: [...imported.diagnostics, ...found] };
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
