import type { AffineLayerSummary, TensorQuantisation } from '../../backends/affine/report/layers.js';
import { formatShape } from '../../ir/shape.js';
import { compact, formatReal } from '../text/format.js';
import { table, type Column, type TableOptions } from '../text/table.js';
import { printable } from '../text/width.js';

const COLUMNS: readonly Column[] = [
  { heading: '#', right: true },
  { heading: 'layer', shrinksTo: 14 },
  { heading: 'op' },
  { heading: 'shape', shrinksTo: 8, rank: 2 },
  { heading: 'weights', right: true, rank: 3 },
  { heading: 'bits', right: true, rank: 3 },
  { heading: 'MACs', right: true, rank: 1 },
  { heading: 'inputs', shrinksTo: 24, keepsStart: true },
  { heading: 'output' },
];

/** A line a layer of a QDQ model: what it is, its weights, and type, scale and zero point of the tensors around it. */
export function affineTable(layers: readonly AffineLayerSummary[], options: TableOptions): string[] {
  const rows = layers.map(
    ({ name, op, outputShape, weightBits, weightCount, macs, inputs, output, integer }, index) => ({
      cells: [
        String(index),
        printable(name),
        printable(op),
        printable(formatShape(outputShape.slice(1))),
        weightCount === 0 ? '–' : compact(weightCount),
        weightBits === null ? '–' : String(weightBits),
        macs === 0 ? '–' : compact(macs),
        inputs.map(formatQuantisation).join(', ') || '–',
        formatQuantisation(output),
      ],
      paint: (column: number, text: string) => (column === 2 && !integer ? options.style.warn(text) : text),
    }),
  );
  return table(COLUMNS, rows, options);
}

/** `int8 0.0235 z -3`: type, scale and zero point; `float` for a tensor without a scale. */
function formatQuantisation(tensor: TensorQuantisation | null): string {
  if (tensor === null) return 'float';
  const { scale, zeroPoint, bits, signed } = tensor;
  return `${signed ? 'int' : 'uint'}${bits} ${formatReal(scale)}${zeroPoint === 0 ? '' : ` z ${zeroPoint}`}`;
}
