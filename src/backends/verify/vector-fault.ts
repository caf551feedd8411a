import { UserError } from '../../ir/diagnostics.js';

/** Golden vectors that do not fit the model: what was found and what is accepted, and what to do about it. */
export const vectorFault = (code: string, message: string, hint?: string): UserError =>
  new UserError({ code, severity: 'error', message, ...(hint !== undefined && { hint }) });
