import type { LayerSummary } from '../../backends/summary.js';
import { formatShape, type Shape } from '../../ir/shape.js';
import { compact, formatDecibels, formatRange } from '../text/format.js';
import type { Style } from '../text/style.js';
import { table, type Column, type Row, type TableOptions } from '../text/table.js';
import { printable } from '../text/width.js';

/** Below this a layer is worth a look. */
const POOR_DB = 20;

const PLACE = 3;
const SQNR = 9;

const COLUMNS: readonly Column[] = [
  { heading: '#', right: true },
  { heading: 'layer', shrinksTo: 14 },
  { heading: 'pattern' },
  { heading: 'on' },
  { heading: 'output', shrinksTo: 10 },
  { heading: 'weights', right: true, rank: 1 },
  { heading: 'MACs', right: true, rank: 2 },
  { heading: 'shift', right: true, rank: 4 },
  { heading: 'bytes', right: true, rank: 5 },
  { heading: 'dB', right: true, rank: 3 },
];

/**
 * A line a layer: what it is, where it runs, what it takes, how well it agrees with the float model (signal to
 * quantisation noise in dB). Below a layer on the CPU stands why. Columns that are empty throughout are left out.
 */
export function layerTable(layers: readonly LayerSummary[], options: TableOptions): string[] {
  const common = commonReason(layers);
  const rows = layers.map((layer, index) => {
    const reason = reasonOf(layer);
    return rowOf(layer, index, reason === common ? undefined : reason, options.style);
  });
  const kept = COLUMNS.map((_, i) => i).filter(
    (i) => i < PLACE || rows.some(({ cells }) => !EMPTY.has(cells[i] ?? '')),
  );
  return table(
    kept.flatMap((i) => COLUMNS[i] ?? []),
    rows.map((row) => ({
      ...row,
      cells: kept.map((i) => row.cells[i] ?? ''),
      paint: (column, text) => row.paint?.(kept[column] ?? 0, text) ?? text,
    })),
    options,
  );
}

/** The shape of one sample: without the batch axis. */
const sampleShape = (shape: Shape): string => formatShape(shape.length > 1 ? shape.slice(1) : shape);

/** Why a layer is on the CPU; undefined where the operator says it all, and for islands, which have a line of facts. */
function reasonOf({ placement, reason, op, island }: LayerSummary): string | undefined {
  return placement === 'npu' || island !== null || reason === `${op} runs on the CPU` ? undefined : reason;
}

/** The reason that all layers on the CPU share, which is told once; undefined when they differ. */
export function commonReason(layers: readonly LayerSummary[]): string | undefined {
  const reasons = layers.flatMap((layer) => reasonOf(layer) ?? []);
  return reasons.length > 1 && new Set(reasons).size === 1 ? reasons[0] : undefined;
}

const EMPTY: ReadonlySet<string> = new Set(['', '–']);

function rowOf(layer: LayerSummary, index: number, reason: string | undefined, style: Style): Row {
  const { placement, pattern, op, outputShape, weightCount, macs, bytes, shift, sqnrDb } = layer;
  const total = bytes.weights + bytes.bias + bytes.scale + bytes.shift;
  const onCpu = placement === 'cpu';
  const poor = sqnrDb !== null && sqnrDb < POOR_DB;
  return {
    cells: [
      String(index),
      printable(layer.name),
      pattern ?? op,
      onCpu ? 'CPU' : 'NPU',
      printable(sampleShape(outputShape)),
      weightCount === 0 ? '–' : compact(weightCount),
      macs === 0 ? '–' : compact(macs),
      formatRange(shift),
      total === 0 ? '–' : compact(total),
      formatDecibels(sqnrDb),
    ],
    notes: reason?.split('; ').map(printable),
    paint: (column, text) => {
      if (column === PLACE) return onCpu ? style.warn(text) : style.good(text);
      return column === SQNR && poor ? style.warn(text) : text;
    },
  };
}
