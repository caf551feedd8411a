import { describe, expect, it } from 'vitest';
import type { LayerConstants, WeightConstraint, WeightMove } from '../../../../src/backends/tinpu/recipes/recipe.js';
import { reportMoves } from '../../../../src/backends/tinpu/weights/report-moves.js';
import type { Diagnostic } from '../../../../src/ir/diagnostics.js';
import { OPERATORS } from '../../../../src/ir/ops/index.js';
import { parseGraph } from '../../../../src/ir/text/parse.js';

const GRAPH = parseGraph(
  `graph "g"
  input %x: float32[N,2]
  const %w: float32[2,2] = random 1
  %y = Gemm(%x, %w) "fused" @[7 "fc" "Gemm"]
  output "y" = %y`,
  OPERATORS,
);

function reportsOf(...moves: WeightMove[]): Diagnostic[] {
  const reports: Diagnostic[] = [];
  const [layer] = GRAPH.nodes;
  if (layer === undefined) throw new RangeError('no layer');
  reportMoves(layer, { moves } as unknown as LayerConstants, (diagnostic) => reports.push(diagnostic));
  return reports;
}

const move = (channel: number, constraint: WeightConstraint, costDb: number): WeightMove => ({
  channel,
  constraint,
  from: 0.01 * (channel + 1),
  to: 0.02 * (channel + 1),
  costDb,
});

describe('reportMoves', () => {
  it('says nothing of layers that keep their scales', () => {
    expect(reportsOf()).toEqual([]);
  });

  it('tells where a single channel stands, from which scale to which, and at what cost', () => {
    const [report, ...others] = reportsOf(move(3, 'bias-width', 1.26));
    expect(others).toEqual([]);
    expect(report).toMatchObject({ code: 'weights-rescaled', severity: 'info' });
    expect(report?.at).toEqual({ nodeIndex: 7, node: 'fc', op: 'Gemm' });
    expect(report?.message).toMatch(/^channel 3 of 'fc' .* bias .* from 0\.04000 to 0\.08000, .* 1\.3 dB$/);
  });

  it('has one report for every constraint, with the dearest of its channels', () => {
    const reports = reportsOf(
      move(0, 'carrier', 0.1),
      move(1, 'multiplier-range', 5),
      move(2, 'carrier', 0.4),
      move(4, 'accumulator-width', 2),
      move(5, 'carrier', 0.2),
    );
    expect(reports.map(({ message }) => message.slice(0, message.indexOf(' of ')))).toEqual([
      '3 channels',
      'channel 1',
      'channel 4',
    ]);
    expect(reports[0]?.message).toContain('channel 2 from 0.03000 to 0.06000');
    expect(reports[0]?.message).toContain('float32');
    expect(reports[1]?.message).toContain('multiplier');
    expect(reports[2]?.message).toContain('32 bits');
  });

  it('warns of what is lost where that is much', () => {
    const severities = [2.99, 3].map((costDb) => reportsOf(move(0, 'bias-width', costDb))[0]?.severity);
    expect(severities).toEqual(['info', 'warning']);
    // The dearest channel counts.
    expect(reportsOf(move(0, 'carrier', 1), move(1, 'carrier', 9))[0]?.severity).toBe('warning');
  });
});
