import { GraphEditor } from '../../src/ir/editor.js';
import { constantsOf, type Graph } from '../../src/ir/graph.js';
import type { OperatorTable } from '../../src/ir/ops/table.js';
import { parseGraph } from '../../src/ir/text/parse.js';
import { printGraph } from '../../src/ir/text/print.js';

/** A graph given as text, some of whose constants may hold anything. */
export interface ExpectedGraph {
  readonly graph: Graph;
  /** Places, in the order of first use, of the constants written as `= *`. */
  readonly open: ReadonlySet<number>;
}

/** Reads IR text in which constants may be written `const %w: float32[2] = *`. */
export function parseExpected(text: string, operators: OperatorTable): ExpectedGraph {
  const labels = new Set<string>();
  const readable = text.replaceAll(/^(\s*const\s+%(\S+?)\s*:.*)=\s*\*\s*$/gm, (_, head: string, label: string) => {
    labels.add(label);
    return `${head}= splat 0`;
  });
  const graph = parseGraph(readable, operators);
  const open = constantsOf(graph).flatMap(({ name }, place) => (labels.has(name) ? [place] : []));
  if (open.length !== labels.size) throw new Error('a constant written as * is read by nothing');
  return { graph, open: new Set(open) };
}

/** The text form with constants labelled by place and the elements of open ones hidden. Relabels the graph. */
export function printComparable(graph: Graph, { open }: ExpectedGraph): string {
  const editor = new GraphEditor(graph);
  for (const [place, value] of constantsOf(graph).entries()) editor.rename(value, `#${place}`);
  let place = 0;
  return printGraph(graph)
    .split('\n')
    .map((line) => (line.startsWith('const ') && open.has(place++) ? line.replace(/ = .*$/, ' = *') : line))
    .join('\n');
}
