import { liftWhere } from '../../../../src/backends/affine/lift/lift-where.js';
import { AFFINE_RULES } from '../../../support/affine-rules.js';
import { describeRule } from '../../../support/rules.js';

const BEFORE = `graph "g"
    input %c: bool[N,1]
    input %a: int4[N,2]
    input %b: int8[2]
    const %as: float32[] = [0.5]
    const %az: int4[] = [1]
    const %ys: float32[] = [0.25]
    const %yz: int8[] = [-1]
    %ar = DequantizeLinear(%a, %as, %az)
    %br = DequantizeLinear(%b, %ys, %yz)`;

const feeds = { ranges: { a: [-8, 8], b: [-128, 128] } } as const;

/** Twice (integer − 1), − 1, of all integers of 4 bits. */
const TABLE = 'const %t: int8[16] = [-19, -17, -15, -13, -11, -9, -7, -5, -3, -1, 1, 3, 5, 7, 9, 11]';

describeRule(
  liftWhere,
  {
    rewrites: [
      {
        name: 'brings one operand to the scale of the result',
        before: `${BEFORE}
    %w = Where(%c, %ar, %br) "where" @[4 "where" "Where"]
    %y = QuantizeLinear(%w, %ys, %yz) "q" @[5 "q" "QuantizeLinear"]
    output "y" = %y`,
        after: `graph "g"
    input %c: bool[N,1]
    input %a: int4[N,2]
    input %b: int8[2]
    ${TABLE}
    %"ar/rescaled": int8[N,2]<0.25 s8 -1> = qa.Table(%a, %t)
    %y: int8[N,2]<0.25 s8 -1> = Where(%c, %"ar/rescaled", %b) "q" @[4 "where" "Where", 5 "q" "QuantizeLinear"]
    output "y" = %y`,
        feeds,
      },
      {
        name: 'chooses between integers and a constant, with a Relu behind',
        before: `${BEFORE}
    const %low: float32[] = [-100]
    %w = Where(%c, %br, %low)
    %r = Relu(%w)
    %y = QuantizeLinear(%r, %ys, %yz)
    output "y" = %y
    output "a" = %ar`,
        after: `graph "g"
    input %c: bool[N,1]
    input %a: int4[N,2]
    input %b: int8[2]
    const %as: float32[] = [0.5]
    const %az: int4[] = [1]
    const %low: int8[] = [-128]
    const %t: int8[256] = *
    %ar = DequantizeLinear(%a, %as, %az)
    %"y/moved": int8[N,2]<0.25 s8 -1> = Where(%c, %b, %low)
    %y: int8[N,2]<0.25 s8 -1> = qa.Table(%"y/moved", %t)
    output "y" = %y
    output "a" = %ar`,
        feeds,
      },
    ],
    refusals: [
      {
        name: 'an operand that is real',
        graph: `${BEFORE}
    input %f: float32[N,2]
    %w = Where(%c, %ar, %f)
    %y = QuantizeLinear(%w, %ys, %yz)
    output "y" = %y
    output "b" = %br`,
        reason: "'f' is not dequantised from one scale",
      },
    ],
  },
  AFFINE_RULES,
);
