import type { Diagnostic } from '../../ir/diagnostics.js';
import type { DiagnosticSummary } from '../summary.js';

/** A diagnostic as the JSON summary has it (spec 4.3). */
export const summariseDiagnostic = ({ code, severity, message, at, hint }: Diagnostic): DiagnosticSummary => ({
  code,
  severity,
  message,
  node: at?.node ?? null,
  hint: hint ?? null,
});
