import { formatLocation } from '../../ir/diagnostics.js';
import type { Graph } from '../../ir/graph.js';
import type { ImportedModel } from '../../ir/onnx/import.js';
import { printGraph } from '../../ir/text/print.js';
import type { Trace } from '../../passes/trace.js';
import type { Console } from '../console.js';

/** Tells on stderr what the importer changed. */
export function tellImport({ normalisations }: Pick<ImportedModel, 'normalisations'>, console: Console): void {
  if (!console.verbose) return;
  const lines = normalisations.map(({ at, from, to, text }) => {
    return `${at === undefined ? from : formatLocation({ ...at, op: from })} → ${to}: ${text}`;
  });
  console.detail('normalised on import', lines.length === 0 ? ['nothing'] : lines);
}

/** Tells on stderr which rules fired and which almost did. */
export function tellTrace(trace: Trace, console: Console): void {
  if (!console.verbose) return;
  console.detail(
    'rules that fired',
    trace.applications.flatMap(({ rule, before, after }) => [
      rule,
      `  - ${before}`,
      ...after.map((line) => `  + ${line}`),
    ]),
  );
  console.detail(
    'rules that declined or nearly matched',
    trace.nearMisses.map(({ rule, node, reason }) => `${rule} at ${node}: ${reason}`),
  );
}

/** Prints a graph on stderr, long constants left out. */
export function tellGraph(heading: string, graph: Graph, console: Console): void {
  if (!console.verbose) return;
  console.detail(
    heading,
    printGraph(graph)
      .replace(/ = base64 "[^"]*"/g, ' = …')
      .trimEnd()
      .split('\n'),
  );
}
