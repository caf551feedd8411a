import { UserError } from '../../ir/diagnostics.js';

/** Where data come from, for diagnostics. */
export interface SourceName {
  /** Name of the file. */
  readonly file?: string;
}

/** The refusal of a data file: what was found and what is accepted, and what to do about it. */
export function formatFault(code: string, message: string, { file }: SourceName, hint?: string): UserError {
  return new UserError({
    code,
    severity: 'error',
    message,
    ...(file !== undefined && { at: { file } }),
    ...(hint !== undefined && { hint }),
  });
}
