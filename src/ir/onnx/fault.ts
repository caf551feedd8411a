import type { Diagnostic, Location } from '../diagnostics.js';

/** A fault of the file under the reader's hands; the importer adds where it is. */
export class ModelFault extends Error {
  override readonly name = 'ModelFault';
  readonly code: string;
  readonly hint: string | undefined;

  constructor(code: string, message: string, hint?: string) {
    super(message);
    this.code = code;
    this.hint = hint;
  }
}

/** The diagnostic of a fault at a place of the model. */
export function diagnosticOf(
  fault: { readonly code: string; readonly message: string; readonly hint: string | undefined },
  at?: Location,
  severity: Diagnostic['severity'] = 'error',
): Diagnostic {
  return {
    code: fault.code,
    severity,
    message: fault.message,
    ...(at !== undefined && { at }),
    ...(fault.hint !== undefined && { hint: fault.hint }),
  };
}
