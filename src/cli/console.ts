import { formatLocation, type Diagnostic } from '../ir/diagnostics.js';
import type { CommonFlags } from './invocation.js';
import type { CliIo } from './io.js';
import { streamStyle, type Style } from './text/style.js';
import { printable } from './text/width.js';

const DEFAULT_COLUMNS = 100;
const FEWEST_COLUMNS = 40;

/** Speaks to the user: answers on stdout, everything else on stderr. */
export class Console {
  /** Style and width of what is printed on stdout. */
  readonly style: Style;
  readonly columns: number;
  readonly #io: CliIo;
  readonly #flags: CommonFlags;
  readonly #errorStyle: Style;

  constructor(io: CliIo, flags: CommonFlags) {
    this.#io = io;
    this.#flags = flags;
    this.style = streamStyle(io.stdout, io.env, flags.color);
    this.#errorStyle = streamStyle(io.stderr, io.env, flags.color);
    this.columns = Math.max(FEWEST_COLUMNS, io.stdout.columns ?? DEFAULT_COLUMNS);
  }

  get verbose(): boolean {
    return this.#flags.verbose;
  }

  /** Whether a bar may be drawn on stderr. */
  get showsProgress(): boolean {
    return this.#io.stderr.isTTY && !this.#flags.quiet;
  }

  /** Prints lines for people, unless JSON or silence was asked for. */
  print(lines: readonly string[]): void {
    if (this.#flags.json || this.#flags.quiet || lines.length === 0) return;
    this.#io.stdout.write(`${lines.join('\n')}\n`);
  }

  /** Prints the one document that --json asks for; numbers that JSON does not have become null. */
  json(document: unknown): void {
    if (this.#flags.json) this.#io.stdout.write(`${toJson(document)}\n`);
  }

  /** Prints warnings and remarks on stderr; remarks only with --verbose. */
  remark(diagnostics: readonly Diagnostic[]): void {
    if (this.#flags.quiet) return;
    this.complain(diagnostics.filter(({ severity }) => severity !== 'info' || this.verbose));
  }

  /** Prints diagnostics on stderr, come what may: a line each, and a line for a hint, once for neighbours that share it. */
  complain(diagnostics: readonly Diagnostic[]): void {
    const style = this.#errorStyle;
    for (const [i, diagnostic] of diagnostics.entries()) {
      const { severity, hint } = diagnostic;
      const label = severity === 'error' ? style.bad('error') : severity === 'warning' ? style.warn('warning') : 'note';
      this.#io.stderr.write(`${label}: ${sentence(diagnostic)}\n`);
      if (hint === undefined || diagnostics[i + 1]?.hint === hint) continue;
      this.#io.stderr.write(`  ${style.dim(printable(hint))}\n`);
    }
  }

  /** Prints details on stderr with --verbose. */
  detail(heading: string, lines: readonly string[]): void {
    if (!this.verbose || lines.length === 0) return;
    const text = lines.map((line) => `  ${printable(line)}\n`).join('');
    this.#io.stderr.write(`${this.#errorStyle.bold(heading)}\n${text}`);
  }
}

/** The message with its place in front, where it does not name the place itself. */
export function sentence({ message, at }: Diagnostic): string {
  const place = at === undefined ? '' : formatLocation(at);
  return printable(place === '' || message.startsWith(place) ? message : `${place}: ${message}`);
}

/**
 * A document as JSON, null for numbers that JSON does not have; characters that would steer a terminal are escaped, which
 * changes nothing for a program.
 */
export const toJson = (document: unknown): string =>
  JSON.stringify(document, finite, 2).replace(/(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, escapeUnits);

const escapeUnits = (character: string): string =>
  Array.from({ length: character.length }, (_, i) => character.charCodeAt(i).toString(16).padStart(4, '0'))
    .map((digits) => `\\u${digits}`)
    .join('');

const finite = (_key: string, value: unknown): unknown =>
  typeof value === 'number' && !Number.isFinite(value) ? null : value;
