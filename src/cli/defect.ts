import { InternalError } from '../ir/diagnostics.js';
import { VERSION } from '../backends/version.js';
import type { CommonFlags } from './invocation.js';
import type { CliIo } from './io.js';
import { streamStyle } from './text/style.js';
import { printable } from './text/width.js';

/** What a report of a defect needs; the graph at that point comes with --verbose. */
export function describeDefect(error: unknown, argv: readonly string[], io: CliIo, flags: CommonFlags): string {
  const style = streamStyle(io.stderr, io.env, flags.color);
  const context = new Map(error instanceof InternalError ? Object.entries(error.context) : []);
  const graph = context.get('graph');
  context.delete('graph');
  const facts = [
    ['version', `quantc ${VERSION}, ${io.host}`],
    ['command', ['quantc', ...argv].join(' ')],
    ...context,
    ['stack', stackOf(error)],
  ];
  return [
    `${style.bad('defect')}: ${printable(messageOf(error))}`,
    'This is a fault of quantc, not of the model. Please report it with these lines:',
    ...facts.map(([name = '', text = '']) => `  ${style.dim(name.padEnd(8))} ${indent(text)}`),
    ...(graph === undefined ? [] : graphLines(graph, flags)),
    '',
  ].join('\n');
}

function graphLines(graph: string, { verbose }: CommonFlags): string[] {
  if (!verbose) return ['  With --verbose, the graph at that point is printed as well, its weights left out.'];
  return [
    '  graph',
    ...withoutWeights(graph)
      .split('\n')
      .map((line) => `    ${printable(line)}`),
  ];
}

/** The text form with random numbers for long constants: they seldom matter, and may be confidential. */
export const withoutWeights = (graph: string): string => graph.replace(/ = base64 "[^"]*"/g, ' = random 1');

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** The places the error came through, and those of what caused it. */
function stackOf(error: unknown): string {
  const lines: string[] = [];
  for (let cause = error; cause instanceof Error && lines.length < 24; cause = cause.cause) {
    const frames = (cause.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
    if (lines.length > 0) lines.push(`caused by ${cause.name}: ${cause.message}`);
    lines.push(...frames.slice(0, 10).map((line) => line.trim()));
  }
  return lines.join('\n');
}

const indent = (text: string): string =>
  text
    .split('\n')
    .map(printable)
    .join(`\n${' '.repeat(11)}`);
