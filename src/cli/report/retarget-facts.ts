import type { RequantisationSummary, Summary } from '../../backends/summary.js';
import { quantity } from '../text/format.js';
import { printable } from '../text/width.js';
import type { Fact } from './facts.js';

/** Scales that differ by less, relatively, are one. */
const EQUAL = 1e-6;

/** How many a layer's worth of lines may take. */
const MOST_LINES = 12;

/** What of a quantised model's scales and weights stays, and the tensors that it costs most at; nothing for a float model. */
export function retargetFacts({ requantisation }: Pick<Summary, 'requantisation'>): Fact[] {
  if (requantisation === undefined) return [];
  const trained = requantisation.flatMap(({ trained: grid, scale }) => (grid === null ? [] : [{ grid, scale }]));
  const kept = trained.filter(({ grid, scale }) => Math.abs(scale / grid.scale - 1) < EQUAL);
  const weights = requantisation.flatMap((entry) => entry.weights ?? []);
  const sum = (count: (entry: (typeof weights)[number]) => number): number =>
    weights.reduce((total, entry) => total + count(entry), 0);
  const costly = requantisation
    .filter(({ expectedCostDb }) => expectedCostDb !== null && expectedCostDb >= 0.05)
    .sort((a, b) => (b.expectedCostDb ?? 0) - (a.expectedCostDb ?? 0));
  return [
    [
      'trained',
      [
        `${kept.length} of ${quantity(trained.length, 'scale')} and the integers of ` +
          `${sum((entry) => entry.kept)} of ${quantity(
            sum((entry) => entry.channels),
            'channel',
          )} stay`,
        ...costly.slice(0, MOST_LINES).map(describe),
        ...(costly.length > MOST_LINES ? [`  and ${costly.length - MOST_LINES} more`] : []),
      ],
    ],
  ];
}

function describe({ tensor, trained, scale, obstacle, weights, expectedCostDb }: RequantisationSummary): string {
  const moved = trained !== null && Math.abs(scale / trained.scale - 1) >= EQUAL;
  const parts = [
    ...(moved ? [`scale ${trained.scale.toPrecision(4)} → ${scale.toPrecision(4)}`] : []),
    ...(moved && obstacle !== null ? [`zero point ${trained.zeroPoint} → 0 as ${obstacle}`] : []),
    ...(weights === null ? [] : [`${weights.kept} of ${quantity(weights.channels, 'channel')} kept`]),
    `expected cost ${(expectedCostDb ?? 0).toFixed(1)} dB`,
  ];
  return `  ${printable(tensor)}: ${parts.join(', ')}`;
}
