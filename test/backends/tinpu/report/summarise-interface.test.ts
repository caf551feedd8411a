import { describe, expect, it } from 'vitest';
import { TINPU_OPERATORS } from '../../../../src/backends/tinpu/dialect.js';
import { innerTensors, summariseInput } from '../../../../src/backends/tinpu/report/summarise-interface.js';
import { assignRoles } from '../../../../src/backends/tinpu/split/roles.js';
import { OPERATORS } from '../../../../src/ir/ops/index.js';
import { parseGraph } from '../../../../src/ir/text/parse.js';

/** Of the input `x` when the point `name` has the scale 0.25 and every other one 1. */
function summaryOf(lines: string, name: string) {
  const graph = parseGraph(
    `graph "g"
    input %x: float32[N,1,4,4]
    const %one: float32[1] = [1]
    const %zero: float32[] = [0]
    const %six: float32[] = [6]
    const %w: float32[1,1,1,1] = [1]
    ${lines}
    output "y" = %y`,
    OPERATORS,
  );
  const { points } = assignRoles(graph);
  const scaleOf = (label: string): number => (label === name ? 0.25 : 1);
  const scales = new Map(
    points.map((point) => [point, { scale: scaleOf(point.value.name), bits: 8, signed: true }] as const),
  );
  const [x] = graph.inputs;
  return x && summariseInput(x, points, scales);
}

describe('summariseInput', () => {
  const integers = { name: 'x', shape: ['N', 1, 4, 4], scale: 0.25, zeroPoint: 0, bits: 8, signed: true };

  it.each([
    ['the input itself', '%y = Conv(%x, %w)', 'x'],
    ['its normalisation', '%n = BatchNormalization(%x, %one, %one, %one, %one)\n%y = Conv(%n, %w)', 'n'],
    ['what is a mere rearrangement of it', '%t = Transpose(%x) {perm = [0, 1, 3, 2]}\n%y = Conv(%t, %w)', 'x'],
  ])('states the integers of %s', (_, lines, point) => {
    expect(summaryOf(lines, point)).toEqual(integers);
  });

  it('states 32 bits of scale 1 for an input that only float operators read', () => {
    expect(summaryOf('%s = Sin(%x)\n%y = Conv(%s, %w)', 's')).toEqual({ ...integers, scale: 1, bits: 32 });
  });
});

describe('innerTensors', () => {
  it('lists the integers that nodes compute, and nothing else', () => {
    const graph = parseGraph(
      `graph "g"
      input %x: uint8[N,4]<0.5 u8>
      const %w: int8[4,3] = splat 2
      const %b: int32[3] = [0, 0, 0]
      const %one: int32[1] = [1]
      %s = q.MatMul(%x, %w)
      %y: int8[N,3]<2.0 s8> = q.Bnorm(%s, %b, %one, %one) {lo = -128, hi = 127} "fc"
      output "y" = %y`,
      TINPU_OPERATORS,
    );
    expect(innerTensors(graph)).toEqual([
      { name: 'y', shape: ['N', 3], scale: 2, zeroPoint: 0, bits: 8, signed: true },
    ]);
  });
});
