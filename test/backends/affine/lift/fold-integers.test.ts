import { foldIntegers } from '../../../../src/backends/affine/lift/fold-integers.js';
import { AFFINE_RULES } from '../../../support/affine-rules.js';
import { describeRule } from '../../../support/rules.js';

describeRule(
  foldIntegers,
  {
    rewrites: [
      {
        name: 'weights that are kept as floats and transposed',
        before: `graph "g"
    input %x: int8[1]
    const %w: float32[2,2] = [0.5, 1, 1.5, 100]
    const %s: float32[] = [0.5]
    const %z: int8[] = [1]
    %q = QuantizeLinear(%w, %s, %z)
    %t = Transpose(%q) {perm = [1, 0]}

    %m = Max(%t, %x)
    output "m" = %m`,
        after: `graph "g"
    input %x: int8[1]
    const %t: int8[2,2] = [2, 4, 3, 127]
    %m = Max(%t, %x)
    output "m" = %m`,
        feeds: { ranges: { x: [-128, 128] } },
      },
    ],
    untouched: [
      {
        name: 'real numbers',
        graph: `graph "g"
    const %w: float32[2,2] = [0.5, 1, 1.5, 100]
    input %x: float32[2,2]
    %t = Transpose(%w) {perm = [1, 0]}
    %y = Add(%t, %x)
    output "y" = %y`,
      },
    ],
  },
  AFFINE_RULES,
);
