import { UserError } from '../ir/diagnostics.js';
import type { CompileInput, CompileOptions, CompileResult } from './options.js';
import { isQuantisedModel, retarget } from './retarget/retarget.js';
import { compileTinpu } from './tinpu/compile.js';

/**
 * Compiles an imported model for a target: a float model, or one that was quantised before.
 * @throws UserError with every reason why that is impossible; InternalError for defects of quantc.
 */
export function compile(input: CompileInput, options: CompileOptions): Promise<CompileResult> {
  if (options.backend === 'tinpu') {
    return (isQuantisedModel(input.imported.graph) ? retarget : compileTinpu)(input, options);
  }
  throw new UserError({
    code: 'backend-missing',
    severity: 'error',
    message:
      options.backend === options.target.defaultBackend
        ? `the ${options.backend} backend, default of target ${options.target.name}, is not available yet`
        : `the ${options.backend} backend is not available yet`,
    hint: options.target.backends.includes('tinpu')
      ? 'use --backend tinpu: its integer arithmetic runs on CPUs as well'
      : 'choose another target; `quantc targets` lists them',
  });
}
