import type { CompileInput, CompileOptions, CompileResult } from './options.js';
import { compileGeneric } from './generic/compile.js';
import { compileTinpu } from './tinpu/compile.js';

/**
 * Compiles an imported float model for a target.
 * @throws UserError with every reason why that is impossible; InternalError for defects of quantc.
 */
export function compile(input: CompileInput, options: CompileOptions): Promise<CompileResult> {
  return options.backend === 'tinpu' ? compileTinpu(input, options) : compileGeneric(input, options);
}
