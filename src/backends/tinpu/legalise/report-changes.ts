import type { Diagnostic } from '../../../ir/diagnostics.js';
import type { Graph } from '../../../ir/graph.js';
import type { LayerSummary } from '../../summary.js';
import type { Target } from '../../targets.js';
import type { RuleSet } from '../placement/rules.js';
import { summariseLayers } from '../report/summarise.js';

/**
 * What legalisation did to each layer, as `legalised`: from, to, and the bytes of constants that it costs; and what keeps
 * the others of TI's patterns on the CPU, as `not-legalised`.
 */
export function reportChanges(before: Graph, after: Graph, target: Target, rules: RuleSet): Diagnostic[] {
  const rowsOf = (graph: Graph): ReadonlyMap<string, LayerSummary> =>
    keyed(summariseLayers(graph, target, rules, new Map()).filter(({ pattern }) => pattern !== null));
  const old = rowsOf(before);
  return [...rowsOf(after)].flatMap(([key, to]): Diagnostic[] => {
    const from = old.get(key);
    const at = { node: to.name };
    if (from === undefined) return [];
    const cost = bytesOf(to) - bytesOf(from);
    const moved = from.placement !== to.placement;
    if (moved || cost !== 0 || from.pattern !== to.pattern) {
      const was = moved ? `${from.pattern ?? from.op} on the CPU (${from.reason})` : (from.pattern ?? from.op);
      const now = moved ? `${to.pattern ?? to.op} on the NPU` : `${to.pattern ?? to.op} over more channels`;
      const message = `'${to.name}': ${was} → ${now}, ${cost < 0 ? -cost : cost} ${cost < 0 ? 'fewer' : 'more'} bytes of constants`;
      return [{ code: 'legalised', severity: 'info', message, at }];
    }
    if (to.placement === 'npu') return [];
    const message = `'${to.name}' stays on the CPU: ${to.reason}; no equal form of it meets the rules`;
    return [{ code: 'not-legalised', severity: 'info', message, at }];
  });
}

/** Rows by name; a name that several bear is counted. */
function keyed(rows: readonly LayerSummary[]): ReadonlyMap<string, LayerSummary> {
  const counts = new Map<string, number>();
  return new Map(
    rows.map((row) => {
      const count = counts.get(row.name) ?? 0;
      counts.set(row.name, count + 1);
      return [`${count} ${row.name}`, row];
    }),
  );
}

const bytesOf = ({ bytes: { weights, bias, scale, shift } }: LayerSummary): number => weights + bias + scale + shift;
