import { lowerClip, spellOutClip } from '../../../../src/backends/tinpu/lower/lower-clip.js';
import { describeRule } from '../../../support/rules.js';
import { TINPU_RULES } from '../../../support/tinpu-rules.js';

const BOUNDS = `const %low: float32[] = [-1]
  const %zero: float32[] = [0]
  const %high: float32[] = [3]`;

/** A dequantised tensor of scale 0.25 and its Clip, before and after. */
const clipped = (name: string, type: string, call: string, lo: number, hi: number) => {
  const ranges = { x: type === 'uint8' ? ([0, 256] as const) : ([-128, 128] as const) };
  const grid = type === 'uint8' ? 'u8' : 's8';
  const source = `%x: ${type}[N,6]<0.25 ${grid}>`;
  return {
    name,
    before: `graph "g"
      input ${source}
      ${BOUNDS}
      %r = q.Dequantize(%x) {scale = 0.25} "conv"
      %y = Clip(%r, ${call}) "clip" @[2 "clip" "Clip"]
      output "y" = %y
      output "r" = %r`,
    after: `graph "g"
      input ${source}
      %r = q.Dequantize(%x) {scale = 0.25} "conv"
      %y: ${type}[N,6]<0.25 ${grid}> = q.Clip(%x) {lo = ${lo}, hi = ${hi}} "clip" @[2 "clip" "Clip"]
      %"y/dequantized" = q.Dequantize(%y) {scale = 0.25} "clip"
      output "y" = %"y/dequantized"
      output "r" = %r`,
    feeds: { ranges },
  };
};

/* Bounds are multiples of the scale, so that the real results are those of the integers. */
describeRule(
  lowerClip(({ name }) => name !== 'float'),
  {
    rewrites: [
      clipped('Relu, whose result keeps the type of its input', 'int8', '%zero', 0, 127),
      clipped('both bounds', 'int8', '%low, %high', -4, 12),
      clipped('an upper bound alone', 'uint8', '_, %high', 0, 12),
      clipped('a bound below what the type holds', 'uint8', '%low, %high', 0, 12),
    ],
    refusals: [
      {
        name: 'the Clip of an island',
        graph: `graph "g"
          input %x: int8[N,6]<0.25 s8>
          ${BOUNDS}
          %r = q.Dequantize(%x) {scale = 0.25}
          %y = Clip(%r, %zero) "float"
          output "y" = %y`,
        reason: 'the bounds are kept in float',
      },
      {
        name: 'bounds that the model computes',
        graph: `graph "g"
          input %x: int8[N,6]<0.25 s8>
          input %bound: float32[]
          %r = q.Dequantize(%x) {scale = 0.25}
          %y = Clip(%r, %bound)
          output "y" = %y`,
        reason: 'scale and bounds are not known',
      },
    ],
    untouched: [
      {
        name: 'a Clip of real numbers',
        graph: `graph "g"
          input %x: float32[N,6]
          ${BOUNDS}
          %y = Clip(%x, %zero)
          output "y" = %y`,
      },
    ],
  },
  TINPU_RULES,
);

const LAYER = `input %x: float32[N,2]
  const %w: float32[2,2] = [1, 0.5, -0.25, 2]`;

describeRule(
  spellOutClip,
  {
    rewrites: [
      {
        name: 'bounds of a layer that saturation does not stand for',
        before: `graph "g"
          ${LAYER}
          ${BOUNDS}
          %a = Gemm(%x, %w) "fc" @[0 "fc" "Gemm"]
          %c = Clip(%a, %low, %high) "clip" @[1 "clip" "Clip"]
          %y: int8[N,2]<0.25 s8> = q.Quantize(%c) {scale = 0.25, lo = -128, hi = 127} "fc"
          output "y" = %y`,
        after: `graph "g"
          ${LAYER}
          %a = Gemm(%x, %w) "fc" @[0 "fc" "Gemm"]
          %"y/unbounded": int8[N,2]<0.25 s8> = q.Quantize(%a) {scale = 0.25, lo = -128, hi = 127} "fc" @[0 "fc" "Gemm", 1 "clip" "Clip"]
          %y: int8[N,2]<0.25 s8> = q.Clip(%"y/unbounded") {lo = -4, hi = 12} "fc" @[0 "fc" "Gemm", 1 "clip" "Clip"]
          output "y" = %y`,
      },
      {
        name: 'a sum whose lower bound is above 0',
        before: `graph "g"
          input %x: float32[N,2]
          const %one: float32[] = [1]
          %a = Add(%x, %x) "add"
          %c = Clip(%a, %one) "clip"
          %y: uint8[N,2]<0.5 u8> = q.Quantize(%c) {scale = 0.5, lo = 0, hi = 255} "add"
          output "y" = %y`,
        after: `graph "g"
          input %x: float32[N,2]
          %a = Add(%x, %x) "add"
          %"y/unbounded": uint8[N,2]<0.5 u8> = q.Quantize(%a) {scale = 0.5, lo = 0, hi = 255} "add"
          %y: uint8[N,2]<0.5 u8> = q.Clip(%"y/unbounded") {lo = 2, hi = 255} "add"
          output "y" = %y`,
      },
      ...[
        ['Conv', '%x, %k'],
        ['ConvTranspose', '%x, %k'],
        ['Gemm', '%x, %w'],
        ['AveragePool', '%x', '{kernel_shape = [1,1]}'],
        ['GlobalAveragePool', '%x'],
        ['Add', '%x, %x'],
      ].map(([op = '', operands = '', attrs = '']) => {
        const shape = op === 'Gemm' ? '1,1' : '1,1,1,1';
        const input = `input %x: float32[${shape}]`;
        const weights = `const %${op === 'Gemm' ? 'w' : 'k'}: float32[${shape}] = [0.5]`;
        const source = /%[wk]/.test(operands) ? `${input}\n${weights}` : input;
        return {
          name: `bounds of ${op}`,
          before: `graph "g"
            ${source}
            ${BOUNDS}
            %a = ${op}(${operands}) ${attrs}
            %c = Clip(%a, %low, %high)
            %y: int8[${shape}]<0.25 s8> = q.Quantize(%c) {scale = 0.25, lo = -128, hi = 127}
            output "y" = %y`,
          after: `graph "g"
            ${source}
            %a = ${op}(${operands}) ${attrs}
            %"y/unbounded": int8[${shape}]<0.25 s8> = q.Quantize(%a) {scale = 0.25, lo = -128, hi = 127}
            %y: int8[${shape}]<0.25 s8> = q.Clip(%"y/unbounded") {lo = -4, hi = 12}
            output "y" = %y`,
        };
      }),
    ],
    refusals: [
      {
        name: 'what no layer computes',
        graph: `graph "g"
          input %x: float32[N,2]
          ${BOUNDS}
          %s = Sin(%x)
          %c = Clip(%s, %low, %high)
          %y: int8[N,2]<0.25 s8> = q.Quantize(%c) {scale = 0.25, lo = -128, hi = 127}
          output "y" = %y`,
        reason: 'Sin is not Conv or',
      },
    ],
  },
  TINPU_RULES,
);
