import { liftFunction } from '../../../../src/backends/affine/lift/lift-function.js';
import { AFFINE_RULES } from '../../../support/affine-rules.js';
import { describeRule } from '../../../support/rules.js';

const BEFORE = `graph "g"
    input %x: int4[N,2]
    const %xs: float32[] = [0.5]
    const %xz: int4[] = [1]
    const %ys: float32[] = [0.03]
    const %yz: uint8[] = [10]
    const %two: float32[1] = [2]
    %xr = DequantizeLinear(%x, %xs, %xz)`;

const TABLE = `graph "g"
    input %x: int4[N,2]
    const %t: uint8[16] = *
    %y: uint8[N,2]<0.029999999329447746 u8 10> = qa.Table(%x, %t)`;

const feeds = { ranges: { x: [-8, 8] } } as const;

const tabled = (name: string, chain: string) => ({
  name,
  before: `${BEFORE}
    ${chain}
    %y = QuantizeLinear(%r, %ys, %yz)
    output "y" = %y`,
  after: `${TABLE}
    output "y" = %y`,
  feeds,
});

describeRule(
  liftFunction,
  {
    rewrites: [
      tabled('an activation', '%r = Sigmoid(%xr)'),
      tabled('one that is spelt out', '%s = Sigmoid(%xr)\n    %d = Mul(%s, %two)\n    %r = Mul(%xr, %d)'),
      tabled('a Relu with a scale of its own', '%r = Relu(%xr)'),
      {
        name: 'a change of scale',
        before: `${BEFORE}
    %y = QuantizeLinear(%xr, %ys, %yz)
    output "y" = %y`,
        after: `${TABLE}
    output "y" = %y`,
        feeds,
      },
      {
        name: 'no change at all',
        before: `${BEFORE}
    %q = QuantizeLinear(%xr, %xs, %xz)
    %y = DequantizeLinear(%q, %ys)
    output "y" = %y`,
        after: `graph "g"
    input %x: int4[N,2]
    const %ys: float32[] = [0.03]
    %y = DequantizeLinear(%x, %ys)
    output "y" = %y`,
        feeds,
      },
    ],
    refusals: [
      {
        name: 'two tensors',
        graph: `${BEFORE}
    input %b: int4[N,2]
    %br = DequantizeLinear(%b, %xs, %xz)
    %r = Add(%xr, %br)
    %y = QuantizeLinear(%r, %ys, %yz)
    output "y" = %y`,
        reason: 'it reads two tensors',
      },
      {
        name: 'a constant that adds an axis',
        graph: `${BEFORE}
    const %c: float32[1,1,1] = [2]
    %r = Add(%xr, %c)
    %y = QuantizeLinear(%r, %ys, %yz)
    output "y" = %y`,
        reason: 'the constants add axes',
      },
    ],
    untouched: [
      {
        name: 'a constant with an element a channel',
        graph: `${BEFORE}
    const %c: float32[2] = [2, 3]
    %r = Add(%xr, %c)
    %y = QuantizeLinear(%r, %ys, %yz)
    output "y" = %y`,
      },
    ],
  },
  AFFINE_RULES,
);
