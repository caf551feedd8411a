import type { DiagnosticSummary, EstimateSummary, IslandSummary } from '../../backends/summary.js';
import { compact, formatReal } from '../text/format.js';
import { printable } from '../text/width.js';
import type { Fact } from './facts.js';

/** `2 in float (Softmax; Sigmoid, Mul), 3 boundaries`; nothing without any. */
export function islandFacts(islands: readonly IslandSummary[]): Fact[] {
  if (islands.length === 0) return [];
  const operators = islands.map((island) => island.operators.join(', ')).join('; ');
  const boundaries = islands.reduce((sum, island) => sum + island.boundaries, 0);
  const counted = boundaries === 1 ? '1 boundary' : `${boundaries} boundaries`;
  return [['islands', `${islands.length} in float (${operators}), ${counted}`]];
}

/** `about 1.6 ms (236.1k cycles at 150 MHz): …`; what it rests on is always told. */
export function estimateFacts({ cycles, milliseconds, basis }: EstimateSummary): Fact[] {
  if (cycles === null) return [['estimate', `none: ${basis}`]];
  const inCycles = `${compact(cycles)} cycles`;
  const time = milliseconds === null ? inCycles : `${formatReal(Number(milliseconds.toPrecision(2)))} ms (${inCycles})`;
  return [['estimate', `about ${time}: ${basis}`]];
}

const LEGALISATION: ReadonlySet<string> = new Set(['legalised', 'not-legalised']);

/** A line for each layer that legalisation changed, or could not bring to the NPU; nothing where it was not asked for. */
export function legalisationFacts(diagnostics: readonly DiagnosticSummary[]): Fact[] {
  const messages = diagnostics.filter(({ code }) => LEGALISATION.has(code)).map(({ message }) => printable(message));
  return messages.length === 0 ? [] : [['legalised', messages]];
}
