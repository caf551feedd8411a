import {
  liftConv,
  liftGemm,
  liftGlobalSum,
  liftMatMul,
  liftRound,
} from '../../../../src/backends/tinpu/lift/lift-accumulator.js';
import { describeRule } from '../../../support/rules.js';
import { TINPU_RULES } from '../../../support/tinpu-rules.js';

/* Products and sums stay far below 2^24, so float32 and integers agree to the bit. */
const WIDE = { ranges: { x: [-128, 128] } } as const;

const WINDOW = '{kernel_shape = [2, 2], strides = [1, 1], pads = [0, 0, 0, 0], dilations = [1, 1], group = 1}';

describeRule(
  liftConv,
  {
    rewrites: [
      {
        name: 'a convolution at its default strides, pads and dilations',
        before: `graph "g"
          input %x: int8[N,2,3,4]
          const %w: float32[2,1,2,2] = [127, -128, 3, 0, 1, 2, -3, 4]
          %"x/float" = Cast(%x) {to = 1}
          %y = Conv(%"x/float", %w) {kernel_shape = [2, 2], group = 2} "conv" @[1 "conv" "Conv"]
          output "y" = %y`,
        after: `graph "g"
          input %x: int8[N,2,3,4]
          const %w: int8[2,1,2,2] = [127, -128, 3, 0, 1, 2, -3, 4]
          %y: int32[N,2,2,3] = q.Conv(%x, %w) {strides = [1, 1], pads = [0, 0, 0, 0], dilations = [1, 1], group = 2} "conv" @[1 "conv" "Conv"]
          %"y/float" = Cast(%y) {to = 1} "conv"
          output "y" = %"y/float"`,
        feeds: WIDE,
      },
      {
        name: 'strides, pads and dilations of 9-bit activations',
        before: `graph "g"
          input %x: int16[N,1,5,4]
          const %w: float32[1,1,2,1] = [5, -7]
          %"x/float" = Cast(%x) {to = 1}
          %y = Conv(%"x/float", %w) {strides = [2, 1], pads = [1, 0, 0, 1], dilations = [2, 1]} "conv"
          output "y" = %y`,
        after: `graph "g"
          input %x: int16[N,1,5,4]
          const %w: int8[1,1,2,1] = [5, -7]
          %y: int32[N,1,2,5] = q.Conv(%x, %w) {strides = [2, 1], pads = [1, 0, 0, 1], dilations = [2, 1], group = 1} "conv"
          %"y/float" = Cast(%y) {to = 1} "conv"
          output "y" = %"y/float"`,
        feeds: { ranges: { x: [-256, 256] } },
      },
      {
        name: 'a bias, which what follows takes up',
        before: `graph "g"
          input %x: int8[N,1,3,4]
          const %w: float32[2,1,2,2] = [127, -128, 3, 0, 1, 2, -3, 4]
          const %b: float32[2] = [300, -5]
          %"x/float" = Cast(%x) {to = 1}
          %y = Conv(%"x/float", %w, %b) {kernel_shape = [2, 2]} "conv" @[1 "conv" "Conv"]
          output "y" = %y`,
        after: `graph "g"
          input %x: int8[N,1,3,4]
          const %w: int8[2,1,2,2] = [127, -128, 3, 0, 1, 2, -3, 4]
          const %b: float32[1,2,1,1] = [300, -5]
          %"y/accumulator": int32[N,2,2,3] = q.Conv(%x, %w) {strides = [1, 1], pads = [0, 0, 0, 0], dilations = [1, 1], group = 1} "conv" @[1 "conv" "Conv"]
          %"y/float" = Cast(%"y/accumulator") {to = 1} "conv"
          %y = Add(%"y/float", %b) "conv" @[1 "conv" "Conv"]
          output "y" = %y`,
        feeds: WIDE,
      },
      {
        name: 'a transposed convolution at its defaults',
        before: `graph "g"
          input %x: uint8[N,2,2,1]
          const %w: float32[2,1,2,1] = [7, -7, 1, 0]
          %"x/float" = Cast(%x) {to = 1}
          %y = ConvTranspose(%"x/float", %w) {output_padding = []} "up" @[1 "up" "ConvTranspose"]
          output "y" = %y`,
        after: `graph "g"
          input %x: uint8[N,2,2,1]
          const %w: int8[2,1,2,1] = [7, -7, 1, 0]
          %y: int32[N,1,3,1] = q.ConvTranspose(%x, %w) {strides = [1, 1], pads = [0, 0, 0, 0], dilations = [1, 1], group = 1, output_padding = [0, 0]} "up" @[1 "up" "ConvTranspose"]
          %"y/float" = Cast(%y) {to = 1} "up"
          output "y" = %"y/float"`,
        feeds: { ranges: { x: [0, 256] } },
      },
      {
        name: 'a transposed convolution in groups with every attribute',
        before: `graph "g"
          input %x: int8[N,2,2,2]
          const %w: float32[2,2,1,2] = [7, -7, 1, 0, 3, 5, -127, 127]
          %"x/float" = Cast(%x) {to = 1}
          %y = ConvTranspose(%"x/float", %w) {strides = [2, 3], pads = [0, 1, 0, 0], dilations = [1, 2], group = 2, output_padding = [1, 2]} "up"
          output "y" = %y`,
        after: `graph "g"
          input %x: int8[N,2,2,2]
          const %w: int8[2,2,1,2] = [7, -7, 1, 0, 3, 5, -127, 127]
          %y: int32[N,4,4,7] = q.ConvTranspose(%x, %w) {strides = [2, 3], pads = [0, 1, 0, 0], dilations = [1, 2], group = 2, output_padding = [1, 2]} "up"
          %"y/float" = Cast(%y) {to = 1} "up"
          output "y" = %"y/float"`,
        feeds: WIDE,
      },
    ],
    refusals: [
      {
        name: 'an output_shape that is left to the operator',
        graph: `graph "g"
          input %x: int8[N,1,3,3]
          const %w: float32[1,1,2,2] = splat 1
          %f = Cast(%x) {to = 1}
          %y = ConvTranspose(%f, %w) {output_shape = [4, 4]}
          output "y" = %y`,
        reason: 'output_shape is not resolved',
      },
      {
        name: 'accumulators as input',
        graph: `graph "g"
          input %x: int32[N,1,3,3]
          const %w: float32[1,1,2,2] = splat 1
          %f = Cast(%x) {to = 1}
          %y = Conv(%f, %w) ${WINDOW}
          output "y" = %y`,
        reason: 'the input is int32, not an activation',
      },
      {
        name: 'one spatial axis',
        graph: `graph "g"
          input %x: int8[N,1,3]
          const %w: float32[1,1,2] = splat 1
          %f = Cast(%x) {to = 1}
          %y = Conv(%f, %w)
          output "y" = %y`,
        reason: 'the input has rank 3',
      },
      {
        name: 'pads that are left to the operator',
        graph: `graph "g"
          input %x: int8[N,1,3,3]
          const %w: float32[1,1,2,2] = splat 1
          %f = Cast(%x) {to = 1}
          %y = Conv(%f, %w) {auto_pad = "SAME_UPPER"}
          output "y" = %y`,
        reason: 'auto_pad is not resolved',
      },
      ...[
        ['a weight that is a fraction', '0.5'],
        ['a weight that 8 bits do not hold', '128'],
      ].map(([name = '', weight = '']) => ({
        name,
        graph: `graph "g"
          input %x: int8[N,1,3,3]
          const %w: float32[1,1,2,2] = [1, ${weight}, 2, 3]
          %f = Cast(%x) {to = 1}
          %y = Conv(%f, %w) ${WINDOW}
          output "y" = %y`,
        reason: 'the weights are not 8-bit integers',
      })),
      {
        name: 'a bias that is a fraction',
        graph: `graph "g"
          input %x: int8[N,1,3,3]
          const %w: float32[1,1,2,2] = splat 1
          const %b: float32[1] = [0.5]
          %f = Cast(%x) {to = 1}
          %y = Conv(%f, %w, %b) ${WINDOW}
          output "y" = %y`,
        reason: 'the bias is not made of integers',
      },
      {
        name: 'sums that 32 bits may not hold',
        graph: `graph "g"
          input %x: int16[N,1,1,1]
          const %w: float32[1,1,1,1] = [127]
          const %k: float32[1,600,1,1] = splat 127
          %f = Cast(%x) {to = 1}
          const %reps: int64[4] = [1, 600, 1, 1]
          %t: int16[N,600,1,1] = Tile(%x, %reps)
          %tf = Cast(%t) {to = 1}
          %y = Conv(%tf, %k) {kernel_shape = [1, 1], strides = [1, 1], pads = [0, 0, 0, 0], dilations = [1, 1], group = 1}
          output "y" = %y`,
        reason: 'its sums leave 32 bits',
      },
    ],
  },
  TINPU_RULES,
);

describeRule(
  liftMatMul,
  {
    rewrites: [
      {
        name: 'a product of matrices',
        before: `graph "g"
          input %x: int8[N,3]
          const %w: float32[3,2] = [127, -128, 3, 0, 1, 2]
          %"x/float" = Cast(%x) {to = 1}
          %y = MatMul(%"x/float", %w) "fc" @[1 "fc" "MatMul"]
          output "y" = %y`,
        after: `graph "g"
          input %x: int8[N,3]
          const %w: int8[3,2] = [127, -128, 3, 0, 1, 2]
          %y: int32[N,2] = q.MatMul(%x, %w) "fc" @[1 "fc" "MatMul"]
          %"y/float" = Cast(%y) {to = 1} "fc"
          output "y" = %"y/float"`,
        feeds: WIDE,
      },
    ],
    refusals: [
      {
        name: 'accumulators as input',
        graph: `graph "g"
          input %x: int32[N,3]
          const %w: float32[3,2] = splat 1
          %f = Cast(%x) {to = 1}
          %y = MatMul(%f, %w)
          output "y" = %y`,
        reason: 'the input is int32, not an activation',
      },
      {
        name: 'a stack of matrices',
        graph: `graph "g"
          input %x: int8[N,4,3]
          const %w: float32[3,2] = splat 1
          %f = Cast(%x) {to = 1}
          %y = MatMul(%f, %w)
          output "y" = %y`,
        reason: 'a product of matrices is accepted',
      },
      {
        name: 'a vector of weights',
        graph: `graph "g"
          input %x: int8[N,3]
          const %w: float32[3] = splat 1
          %f = Cast(%x) {to = 1}
          %y = MatMul(%f, %w)
          output "y" = %y`,
        reason: 'a product of matrices is accepted',
      },
      {
        name: 'weights that are no integers',
        graph: `graph "g"
          input %x: int8[N,3]
          const %w: float32[3,2] = splat 0.25
          %f = Cast(%x) {to = 1}
          %y = MatMul(%f, %w)
          output "y" = %y`,
        reason: 'the weights are not 8-bit integers',
      },
      {
        name: 'float activations',
        graph: `graph "g"
          input %x: float32[N,3]
          const %w: float32[3,2] = splat 1
          %y = MatMul(%x, %w)
          output "y" = %y`,
        reason: "'x' is not the result of Cast",
      },
    ],
  },
  TINPU_RULES,
);

const gemm = (
  name: string,
  { w, attrs = '', bias }: { readonly w: string; readonly attrs?: string; readonly bias?: string },
): string => `graph "${name}"
  input %x: uint8[N,2]
  const %w: float32${w}
  ${bias === undefined ? '' : `const %b: float32${bias}`}
  %"x/float" = Cast(%x) {to = 1}
  %y = Gemm(%"x/float", %w${bias === undefined ? '' : ', %b'}) {${attrs}} "fc" @[3 "fc" "Gemm"]
  output "y" = %y`;

describeRule(
  liftGemm,
  {
    rewrites: [
      {
        name: 'weights as torch stores them, and a bias',
        before: gemm('g', { w: '[3,2] = [1, 2, 3, -4, 5, -128]', attrs: 'transB = 1', bias: '[3] = [7, -8, 9]' }),
        after: `graph "g"
          input %x: uint8[N,2]
          const %w: int8[2,3] = [1, 3, 5, 2, -4, -128]
          const %b: float32[1,3] = [7, -8, 9]
          %"y/accumulator": int32[N,3] = q.MatMul(%x, %w) "fc" @[3 "fc" "Gemm"]
          %"y/float" = Cast(%"y/accumulator") {to = 1} "fc"
          %y = Add(%"y/float", %b) "fc" @[3 "fc" "Gemm"]
          output "y" = %y`,
        feeds: { ranges: { x: [0, 256] } },
      },
      {
        name: 'a plain product',
        before: gemm('g', { w: '[2,3] = [1, 2, 3, -4, 5, 127]', attrs: 'alpha = 1.0, beta = 1.0' }),
        after: `graph "g"
          input %x: uint8[N,2]
          const %w: int8[2,3] = [1, 2, 3, -4, 5, 127]
          %y: int32[N,3] = q.MatMul(%x, %w) "fc" @[3 "fc" "Gemm"]
          %"y/float" = Cast(%y) {to = 1} "fc"
          output "y" = %"y/float"`,
        feeds: { ranges: { x: [0, 256] } },
      },
    ],
    refusals: [
      ['a scaled product', { w: '[2,1] = [1, 2]', attrs: 'alpha = 0.5' }, 'the product is scaled'],
      ['fractions for weights', { w: '[2,1] = [1, 0.5]' }, 'the weights are not 8-bit integers'],
      ['fractions for a bias', { w: '[2,1] = [1, 2]', bias: '[1] = [0.5]' }, 'the bias is not made of integers'],
    ].map(([name, given, reason]) => ({
      name: name as string,
      graph: gemm('g', given as { readonly w: string }),
      reason: reason as string,
    })),
  },
  TINPU_RULES,
);

describeRule(
  liftGlobalSum,
  {
    rewrites: [
      {
        name: 'a sum that keeps its axes, counted from either end',
        before: `graph "g"
          input %x: uint8[N,2,3,4]
          const %axes: int64[2] = [-1, 2]
          %"x/float" = Cast(%x) {to = 1}
          %y = ReduceSum(%"x/float", %axes) {keepdims = 1} "gap" @[1 "gap" "ReduceSum"]
          output "y" = %y`,
        after: `graph "g"
          input %x: uint8[N,2,3,4]
          %y: int32[N,2,1,1] = q.GlobalSum(%x) "gap" @[1 "gap" "ReduceSum"]
          %"y/float" = Cast(%y) {to = 1} "gap"
          output "y" = %"y/float"`,
        feeds: { ranges: { x: [0, 256] } },
      },
      {
        name: 'a sum that drops its axes',
        before: `graph "g"
          input %x: int8[N,2,3,4]
          const %axes: int64[2] = [2, 3]
          %"x/float" = Cast(%x) {to = 1}
          %y = ReduceSum(%"x/float", %axes) {keepdims = 0} "gap" @[1 "gap" "ReduceSum"]
          output "y" = %y`,
        after: `graph "g"
          input %x: int8[N,2,3,4]
          const %axes: int64[2] = [2, 3]
          %"y/sum": int32[N,2,1,1] = q.GlobalSum(%x) "gap" @[1 "gap" "ReduceSum"]
          %y: int32[N,2] = Squeeze(%"y/sum", %axes) "gap" @[1 "gap" "ReduceSum"]
          %"y/float" = Cast(%y) {to = 1} "gap"
          output "y" = %"y/float"`,
        feeds: WIDE,
      },
    ],
    refusals: [
      {
        name: 'a sum of accumulators',
        graph: `graph "g"
          input %x: int32[N,2,3,4]
          const %axes: int64[2] = [2, 3]
          %f = Cast(%x) {to = 1}
          %y = ReduceSum(%f, %axes)
          output "y" = %y`,
        reason: 'the input is int32, not an activation',
      },
      ...(
        [
          ['a sum over the channels', 'N,2,3,4', '1, 2'],
          ['a sum over one axis', 'N,2,3,4', '3'],
          ['a sum over the last axes of another rank', 'N,2,2,3,4', '2, 3'],
        ] as const
      ).map(([name, shape, axes]) => ({
        name,
        graph: `graph "g"
          input %x: int8[${shape}]
          const %axes: int64[${axes.split(',').length}] = [${axes}]
          %f = Cast(%x) {to = 1}
          %y = ReduceSum(%f, %axes)
          output "y" = %y`,
        reason: 'the sum is not over the two spatial axes',
      })),
    ],
  },
  TINPU_RULES,
);

describeRule(
  liftRound,
  {
    rewrites: [
      {
        name: 'the rounding of integers',
        before: `graph "g"
          input %x: int32[N,3]
          %f = Cast(%x) {to = 1}
          %y = Round(%f) "round"
          %z = Neg(%y)
          output "z" = %z`,
        after: `graph "g"
          input %x: int32[N,3]
          %y = Cast(%x) {to = 1} "round"
          %z = Neg(%y)
          output "z" = %z`,
        feeds: WIDE,
      },
      {
        name: 'arithmetic that changes nothing before a Floor',
        before: `graph "g"
          input %x: int8[N,3]
          const %bias: float32[1,1] = splat 0
          const %scale: float32[1,3] = splat 1
          %f = Cast(%x) {to = 1}
          %a = Add(%f, %bias)
          %b = Mul(%a, %scale)
          %c = Div(%b, %scale)
          %y = Floor(%c) "floor"
          output "y" = %y`,
        after: `graph "g"
          input %x: int8[N,3]
          %y = Cast(%x) {to = 1} "floor"
          output "y" = %y`,
        feeds: WIDE,
      },
    ],
    refusals: [
      ...(
        [
          ['int8', '1,1', 'the arithmetic before it changes the integers', 1],
          ['int8', '2,3', 'the arithmetic before it changes the integers', 0],
          ['int32', '1,1', 'int32 is no activation', 0],
        ] as const
      ).map(([dtype, dims, reason, bias]) => ({
        name: `Floor of ${dtype} behind a bias ${bias} of shape ${dims}`,
        graph: `graph "g"
          input %x: ${dtype}[1,3]
          const %bias: float32[${dims}] = splat ${bias}
          %f = Cast(%x) {to = 1}
          %a = Add(%f, %bias)
          %y = Floor(%a)
          output "y" = %y`,
        reason,
      })),
      {
        name: 'the rounding of real numbers',
        graph: `graph "g"
          input %x: float32[N,3]
          %y = Round(%x)
          output "y" = %y`,
        reason: 'what is rounded is no integer',
      },
    ],
  },
  TINPU_RULES,
);
