/** Plain records of what the user should know; printing them is the command line's business. */

/** How grave it is; an error keeps the work from being done. */
export type Severity = 'error' | 'warning' | 'info';

/** Where in the source model a diagnostic points. */
export interface Location {
  readonly file?: string;
  /** Position of the node in the source graph, functions of the model inlined, from 0. */
  readonly nodeIndex?: number;
  readonly node?: string;
  readonly op?: string;
  /** Name of the tensor concerned. */
  readonly value?: string;
}

/** One thing the user should know: a problem, a warning or a remark. */
export interface Diagnostic {
  /** Stable kebab-case identifier, e.g. `unsupported-operator`. */
  readonly code: string;
  readonly severity: Severity;
  /** One sentence: what was found and what is accepted. */
  readonly message: string;
  readonly at?: Location;
  /** What the user can do about it. */
  readonly hint?: string;
}

/** The user's input cannot be processed; carries every problem found, not only the first. */
export class UserError extends Error {
  override readonly name = 'UserError';
  readonly diagnostics: readonly Diagnostic[];

  constructor(diagnostics: Diagnostic | readonly Diagnostic[]) {
    const list = Array.isArray(diagnostics) ? (diagnostics as readonly Diagnostic[]) : [diagnostics as Diagnostic];
    super(list.map((diagnostic) => diagnostic.message).join('\n'));
    this.diagnostics = list;
  }
}

/** A defect of quantc: a broken invariant, with the context needed to report it. */
export class InternalError extends Error {
  override readonly name = 'InternalError';
  /** The text form of the graph, the pass and the rule at work, as far as known. */
  readonly context: Readonly<Record<string, string>>;

  constructor(message: string, context: Readonly<Record<string, string>> = {}, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.context = context;
  }
}

/** `node 3 'conv1' (Conv)`, as much of it as is known. */
export function formatLocation(at: Location): string {
  const parts: string[] = [];
  if (at.nodeIndex !== undefined || at.node !== undefined) {
    parts.push(
      [
        'node',
        at.nodeIndex,
        at.node !== undefined && at.node !== '' ? `'${at.node}'` : undefined,
        at.op && `(${at.op})`,
      ]
        .filter((part) => part !== undefined && part !== '')
        .join(' '),
    );
  } else if (at.value !== undefined) parts.push(`tensor '${at.value}'`);
  return (at.file === undefined ? parts : [at.file, ...parts]).join(': ');
}
