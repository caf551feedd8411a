import { liftSum } from '../../../../src/backends/affine/lift/lift-sum.js';
import { AFFINE_RULES } from '../../../support/affine-rules.js';
import { describeRule } from '../../../support/rules.js';

const BEFORE = `graph "g"
    input %a: int8[N,2]
    input %b: uint8[2]
    const %as: float32[] = [0.5]
    const %az: int8[] = [1]
    const %bs: float32[] = [0.25]
    const %bz: uint8[] = [128]
    const %ys: float32[] = [2]
    const %yz: int8[] = [-1]
    %ar = DequantizeLinear(%a, %as, %az)
    %br = DequantizeLinear(%b, %bs, %bz)`;

const AFTER = `graph "g"
    input %a: int8[N,2]
    input %b: uint8[2]
    const %az: int8[] = [1]
    const %bz: uint8[] = [128]`;

const feeds = { ranges: { a: [-128, 128], b: [0, 256] } } as const;

const sum = (op: string, minus: string) => ({
  name: op,
  before: `${BEFORE}
    %c = ${op}(%ar, %br) "sum" @[2 "sum" "${op}"]
    %r = Relu(%c)
    %y = QuantizeLinear(%r, %ys, %yz) "q" @[3 "q" "QuantizeLinear"]
    output "y" = %y`,
  after: `${AFTER}
    const %am: float64[] = [0.25]
    const %bm: float64[] = [${minus}0.125]
    const %yz: int8[] = [-1]
    %y: int8[N,2]<2.0 s8 -1> = qa.Add(%a, %b, %az, %bz, %am, %bm, %yz) {lo = -1} "q" @[2 "sum" "${op}", 3 "q" "QuantizeLinear"]
    output "y" = %y`,
  feeds,
});

describeRule(
  liftSum,
  {
    rewrites: [
      sum('Add', ''),
      sum('Sum', ''),
      sum('Sub', '-'),
      {
        name: 'Mul',
        before: `${BEFORE}
    %c = Mul(%ar, %br)
    %y = QuantizeLinear(%c, %ys, %yz)
    output "y" = %y`,
        after: `${AFTER}
    const %m: float64[] = [0.0625]
    const %yz: int8[] = [-1]
    %y: int8[N,2]<2.0 s8 -1> = qa.Mul(%a, %b, %az, %bz, %m, %yz)
    output "y" = %y`,
        feeds,
      },
    ],
    refusals: [
      {
        name: 'three terms',
        graph: `${BEFORE}
    %c = Sum(%ar, %br, %br)
    %y = QuantizeLinear(%c, %ys, %yz)
    output "y" = %y`,
        reason: 'more than two tensors',
      },
    ],
    untouched: [
      {
        name: 'a term that is real',
        graph: `${BEFORE}
    input %f: float32[2]
    %c = Add(%ar, %f)
    %y = QuantizeLinear(%c, %ys, %yz)
    output "y" = %y
    output "b" = %br`,
      },
    ],
  },
  AFFINE_RULES,
);
