import type { Explanation } from '../../backends/verify/explain-vector.js';
import type { VectorVerdict } from '../../backends/verify/verify-vectors.js';
import { distance, type Difference } from '../../runtime/comparison/compare-tensors.js';
import type { DifferencePattern } from '../../runtime/comparison/patterns.js';
import { VERSION } from '../../backends/version.js';
import { formatShape } from '../../ir/shape.js';
import { formatSeconds, quantity } from '../text/format.js';
import { table, type TableOptions } from '../text/table.js';
import { printable } from '../text/width.js';

/** The answer of `verify` as --json prints it. */
export interface VerifySummary {
  readonly version: string;
  readonly model: string;
  readonly tolerance: number;
  readonly equal: boolean;
  readonly vectors: readonly VectorVerdict[];
  readonly seconds: number;
}

export const summariseVerify = (
  model: string,
  tolerance: number,
  vectors: readonly VectorVerdict[],
  seconds: number,
): VerifySummary => ({
  version: VERSION,
  model,
  tolerance,
  equal: vectors.every(({ equal }) => equal),
  vectors,
  seconds,
});

/** What differences that follow a pattern hint at. */
export const PATTERN_TEXTS: Readonly<Record<DifferencePattern, string>> = {
  signedness: 'all differences are exactly 256, 65536 or 2^32: integers are read as the other signedness',
  'channels-last': 'the expected values are those computed in the order N, H, W, C',
  'channel-offset': 'each channel is off by a constant: a bias is missing or another',
  'off-by-one': 'all differences are 1: a matter of rounding',
};

/** What a cause that was tried says. */
export const explanationText = ({ text, layer }: Explanation): string =>
  `explained when ${text}${layer === undefined ? '' : `, in '${layer}' alone`}`;

/** How many vectors that differ are shown. */
const MOST_VECTORS = 8;

export function verifyReport(summary: VerifySummary, options: TableOptions): string[] {
  const { model, equal, tolerance, vectors, seconds } = summary;
  const { style } = options;
  const failing = vectors.filter((vector) => !vector.equal);
  const tensors = vectors.reduce((sum, vector) => sum + vector.tensors.length, 0);
  const exact = tolerance === 0 ? 'bit for bit' : `within ${tolerance}`;
  const verdict = equal
    ? style.good(`equal ${exact}`)
    : style.bad(
        `${failing.length} of ${quantity(vectors.length, 'vector')} ${failing.length === 1 ? 'differs' : 'differ'}`,
      );
  return [
    `${style.bold(printable(model))}: ${verdict}; ${quantity(vectors.length, 'vector')}, ${quantity(tensors, 'tensor')} in ${formatSeconds(seconds)}`,
    ...failing.slice(0, MOST_VECTORS).flatMap((vector) => ['', ...vectorLines(vector, options)]),
    ...(failing.length > MOST_VECTORS
      ? ['', `${failing.length - MOST_VECTORS} more vectors differ; --json tells all`]
      : []),
  ];
}

function vectorLines({ label, tensors, diverges, explanations }: VectorVerdict, options: TableOptions): string[] {
  const { style } = options;
  return [
    `${style.bold(printable(label))}: first differs '${printable(diverges ?? '')}'`,
    ...table(
      [
        { heading: 'tensor', shrinksTo: 8 },
        { heading: 'differing', right: true },
        { heading: 'first at' },
        { heading: 'expected', right: true },
        { heading: 'got', right: true },
        { heading: 'largest', right: true },
      ],
      tensors.map(({ name, kind, equal, differing, elements, first, largest, patterns }) => ({
        cells: [
          `${printable(name)}${kind === 'input-sequence' ? ' (header)' : ''}`,
          equal ? 'equal' : `${differing} of ${elements}`,
          first === undefined ? '' : placeOf(first),
          first === undefined ? '' : String(first.expected),
          first === undefined ? '' : String(first.got),
          largest === undefined ? '' : String(distance(largest.expected, largest.got)),
        ],
        notes: patterns.map((pattern) => PATTERN_TEXTS[pattern]),
      })),
      options,
    ),
    ...explanations.map((explanation) => style.warn(printable(explanationText(explanation)))),
  ];
}

/** `[0,2,1] (7)`: the position and the row-major index. */
export const placeOf = ({ index, position }: Difference): string =>
  position.length < 2 ? String(index) : `[${position.join(',')}] (${index})`;

/** One sentence on a tensor that differs. */
export function differenceText({
  name,
  differing,
  elements,
  dims,
  first,
  largest,
}: VectorVerdict['tensors'][number]): string {
  if (first === undefined || largest === undefined) return `'${name}' (${formatShape(dims)}) is equal`;
  return (
    `'${name}' (${formatShape(dims)}): ${differing} of ${elements} elements differ; first at ${placeOf(first)}: ` +
    `expected ${first.expected}, got ${first.got}; largest difference ${distance(largest.expected, largest.got)}`
  );
}
