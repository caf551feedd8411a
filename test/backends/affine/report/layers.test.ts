import { describe, expect, it } from 'vitest';
import { liftAffine } from '../../../../src/backends/affine/lift/lift.js';
import { affineLayers } from '../../../../src/backends/affine/report/layers.js';
import { OPERATORS } from '../../../../src/ir/ops/index.js';
import { parseGraph } from '../../../../src/ir/text/parse.js';

describe('affineLayers', () => {
  it('tells accumulator and requantisation as one layer, movers and what stays real', () => {
    const graph = parseGraph(
      `graph "g"
    input %x: int8[N,2]
    const %w: int4[2,3] = [1, 2, 3, 4, 5, -6]
    const %s: float32[] = [0.5]
    const %z: int8[] = [1]
    const %wz: int4[] = [0]
    %t = Transpose(%x) {perm = [0, 1]} "turn" @[0 "turn" "Transpose"]
    %xr = DequantizeLinear(%t, %s, %z) @[1 "dq" "DequantizeLinear"]
    %wr = DequantizeLinear(%w, %s, %wz) @[2 "wdq" "DequantizeLinear"]
    %c = MatMul(%xr, %wr) "fc" @[3 "fc" "MatMul"]
    %y = QuantizeLinear(%c, %s, %z) "q" @[4 "q" "QuantizeLinear"]
    %yr = DequantizeLinear(%y, %s, %z) "ydq" @[5 "ydq" "DequantizeLinear"]
    %p = Softmax(%yr) "soft" @[6 "soft" "Softmax"]
    output "p" = %p`,
      OPERATORS,
    );
    const note = { scale: 0.5, zeroPoint: 1, bits: 8, signed: true };
    expect(affineLayers(liftAffine(graph))).toEqual([
      {
        ...{ name: 'turn', source: ['turn'], op: 'Transpose', integer: true, inputs: [note], output: note },
        ...{ outputShape: ['N', 2], weightBits: null, weightCount: 0, macs: 0 },
      },
      {
        ...{ name: 'fc', source: ['fc', 'q'], op: 'MatMul', integer: true, inputs: [note], output: note },
        ...{ outputShape: ['N', 3], weightBits: 4, weightCount: 6, macs: 6 },
      },
      {
        ...{ name: 'ydq', source: ['ydq'], op: 'DequantizeLinear', integer: false, inputs: [note], output: null },
        ...{ outputShape: ['N', 3], weightBits: null, weightCount: 0, macs: 0 },
      },
      {
        ...{ name: 'soft', source: ['soft'], op: 'Softmax', integer: false, inputs: [null], output: null },
        ...{ outputShape: ['N', 3], weightBits: null, weightCount: 0, macs: 0 },
      },
    ]);
  });
});
