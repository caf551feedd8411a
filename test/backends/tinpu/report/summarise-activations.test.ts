import { describe, expect, it } from 'vitest';
import { summariseActivations } from '../../../../src/backends/tinpu/report/summarise-activations.js';
import { assignRoles } from '../../../../src/backends/tinpu/split/roles.js';
import { OPERATORS } from '../../../../src/ir/ops/index.js';
import { parseGraph } from '../../../../src/ir/text/parse.js';

const { points } = assignRoles(
  parseGraph(
    `graph "g"
    input %x: float32[N,4]
    const %w: float32[4,4] = random 1
    const %v: float32[4,4] = random 2
    %a = Gemm(%x, %w)
    %b = Gemm(%a, %v)
    output "b" = %b`,
    OPERATORS,
  ),
);

describe('summariseActivations', () => {
  it('states range, integers and saturation of each tensor that has a scale, in order', () => {
    const [x, , b] = points;
    if (x === undefined || b === undefined) return expect.fail('no points');
    const ofX = { scale: 0.25, bits: 8, signed: true };
    const ofB = { scale: 0.5, bits: 4, signed: false };
    const summary = summariseActivations(
      points,
      { rangeOf: (point) => (point === x ? { min: -3, max: 2 } : { min: 0, max: 7 }) },
      new Map([
        [b, ofB],
        [x, ofX],
      ]),
      {
        accuracy: { samples: 1, sqnrDb: null, maxAbsDiff: null, top1Agreement: null },
        tensors: new Map([['b', { sqnrDb: 20, saturatedFraction: 0.125 }]]),
      },
    );
    expect(summary).toEqual([
      { name: 'x', min: -3, max: 2, ...ofX, zeroPoint: 0, saturatedFraction: null },
      { name: 'b', min: 0, max: 7, ...ofB, zeroPoint: 0, saturatedFraction: 0.125 },
    ]);
  });
});
