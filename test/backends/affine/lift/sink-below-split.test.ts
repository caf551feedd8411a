import { sinkBelowSplit } from '../../../../src/backends/affine/lift/sink-below-split.js';
import { AFFINE_RULES } from '../../../support/affine-rules.js';
import { describeRule } from '../../../support/rules.js';

describeRule(
  sinkBelowSplit,
  {
    rewrites: [
      {
        name: 'two parts',
        before: `graph "g"
    input %x: int8[N,5]
    const %xs: float32[] = [0.3]
    const %xz: int8[] = [1]
    const %sizes: int64[2] = [2, 3]
    %xr = DequantizeLinear(%x, %xs, %xz)
    %a, %b = Split(%xr, %sizes) {axis = -1}
    output "a" = %a
    output "b" = %b`,
        after: `graph "g"
    input %x: int8[N,5]
    const %s0: int64[1] = [0]
    const %e0: int64[1] = [2]
    const %axis: int64[1] = [1]
    const %xs: float32[] = [0.3]
    const %xz: int8[] = [1]
    const %s1: int64[1] = [2]
    const %e1: int64[1] = [5]
    const %axis1: int64[1] = [1]
    %"a/integers": int8[N,2]<0.30000001192092896 s8 1> = Slice(%x, %s0, %e0, %axis)
    %a = DequantizeLinear(%"a/integers", %xs, %xz)
    %"a/integers_1": int8[N,3]<0.30000001192092896 s8 1> = Slice(%x, %s1, %e1, %axis1)
    %b = DequantizeLinear(%"a/integers_1", %xs, %xz)
    output "a" = %a
    output "b" = %b`,
        feeds: { ranges: { x: [-128, 128] } },
      },
    ],
    refusals: [
      {
        name: 'sizes that are computed',
        graph: `graph "g"
    input %x: int8[N,5]
    input %sizes: int64[2]
    const %xs: float32[] = [0.3]
    %xr = DequantizeLinear(%x, %xs)
    %a, %b = Split(%xr, %sizes) {axis = -1}
    output "a" = %a
    output "b" = %b`,
        reason: 'the sizes are computed',
      },
    ],
  },
  AFFINE_RULES,
);
