import type { Diagnostic, Location } from '../diagnostics.js';
import { diagnosticOf } from './fault.js';

interface Fault {
  readonly code: string;
  readonly message: string;
  readonly hint: string | undefined;
}

/** Collects what an import finds, so that all of it can be told at once. */
export class Problems {
  readonly #file: string | undefined;
  readonly #found: Diagnostic[] = [];

  constructor(file: string | undefined) {
    this.#file = file;
  }

  error(code: string, message: string, at: Location = {}, hint?: string): void {
    this.fault({ code, message, hint }, at);
  }

  warning(code: string, message: string, at: Location = {}, hint?: string): void {
    this.fault({ code, message, hint }, at, 'warning');
  }

  info(code: string, message: string, at: Location = {}, hint?: string): void {
    this.fault({ code, message, hint }, at, 'info');
  }

  fault(fault: Fault, at: Location = {}, severity: Diagnostic['severity'] = 'error'): void {
    this.#found.push(diagnosticOf(fault, { ...(this.#file !== undefined && { file: this.#file }), ...at }, severity));
  }

  get errors(): readonly Diagnostic[] {
    return this.#found.filter((diagnostic) => diagnostic.severity === 'error');
  }

  /** Everything that is no error. */
  get notes(): readonly Diagnostic[] {
    return this.#found.filter((diagnostic) => diagnostic.severity !== 'error');
  }
}
