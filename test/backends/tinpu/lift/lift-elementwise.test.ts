import { liftClip, liftDequantize, liftLayout } from '../../../../src/backends/tinpu/lift/lift-elementwise.js';
import { describeRule } from '../../../support/rules.js';
import { TINPU_RULES } from '../../../support/tinpu-rules.js';

const layout = (name: string, call: (x: string) => string, shape: string, consts = '') => ({
  name,
  before: `graph "g"
    input %x: uint8[N,3,4,2]
    ${consts}
    %"x/float" = Cast(%x) {to = 1}
    %y = ${call('%"x/float"')} "layout" @[4 "layout" "Layout"]
    output "y" = %y`,
  after: `graph "g"
    input %x: uint8[N,3,4,2]
    ${consts}
    %y: uint8[${shape}] = ${call('%x')} "layout" @[4 "layout" "Layout"]
    %"y/float" = Cast(%y) {to = 1} "layout"
    output "y" = %"y/float"`,
});

describeRule(
  liftLayout,
  {
    rewrites: [
      layout('Flatten', (x) => `Flatten(${x}) {axis = 1}`, 'N,24'),
      layout('Transpose', (x) => `Transpose(${x}) {perm = [0, 2, 3, 1]}`, 'N,4,2,3'),
      layout('Reshape', (x) => `Reshape(${x}, %s)`, 'N,12,2', 'const %s: int64[3] = [0, 12, 2]'),
      layout('Unsqueeze', (x) => `Unsqueeze(${x}, %s)`, 'N,3,1,4,2', 'const %s: int64[1] = [2]'),
      layout('MaxPool', (x) => `MaxPool(${x}) {kernel_shape = [2, 2], pads = [1, 0, 0, 1]}`, 'N,3,4,2'),
      {
        name: 'the layout of accumulators',
        before: `graph "g"
          input %x: int32[N,3,1,1]
          %f = Cast(%x) {to = 1}
          %y = Flatten(%f) {axis = 1} "flat"
          output "y" = %y`,
        after: `graph "g"
          input %x: int32[N,3,1,1]
          %y = Flatten(%x) {axis = 1} "flat"
          %"y/float" = Cast(%y) {to = 1} "flat"
          output "y" = %"y/float"`,
      },
    ],
    refusals: [
      {
        name: 'a cast between float types',
        graph: `graph "g"
          input %x: float64[N,3]
          %f = Cast(%x) {to = 1}
          %y = Flatten(%f) {axis = 1}
          output "y" = %y`,
        reason: 'the tensor holds no integers',
      },
      {
        name: 'MaxPool of more than 8 bits',
        graph: `graph "g"
          input %x: int16[N,1,4,4]
          %f = Cast(%x) {to = 1}
          %y = MaxPool(%f) {kernel_shape = [2, 2]}
          output "y" = %y`,
        reason: 'MaxPool takes 8 bits',
      },
    ],
  },
  TINPU_RULES,
);

interface ClipCase {
  readonly name: string;
  readonly range: string;
  readonly call: string;
  readonly consts?: string;
}

const HEAD = (range: string, consts = ''): string => `graph "g"
  input %x: int32[N,2]
  const %bias: int32[2] = [3, -4]
  const %scale: int32[1] = [1]
  const %shift: int32[1] = [0]
  ${consts}
  %b: int16[N,2] = q.Bnorm(%x, %bias, %scale, %shift) {${range}} "fc" @[0 "fc" "Gemm"]`;

const clipBefore = ({ range, call, consts }: ClipCase): string => `${HEAD(range, consts)}
  %f = Cast(%b) {to = 1} "fc"
  %y = ${call} "relu" @[1 "relu" "Relu"]
  output "y" = %y`;

const clipped = (example: ClipCase & { readonly dtype: string; readonly narrower: string }) => ({
  name: example.name,
  before: clipBefore(example),
  after: `graph "g"
    input %x: int32[N,2]
    const %bias: int32[2] = [3, -4]
    const %scale: int32[1] = [1]
    const %shift: int32[1] = [0]
    %y: ${example.dtype}[N,2] = q.Bnorm(%x, %bias, %scale, %shift) {${example.narrower}} "relu" @[0 "fc" "Gemm", 1 "relu" "Relu"]
    %"y/float" = Cast(%y) {to = 1} "relu"
    output "y" = %"y/float"`,
  feeds: { ranges: { x: [-400, 400] } } as const,
});

const NINE_BITS = 'lo = -256, hi = 255';

describeRule(
  liftClip,
  {
    rewrites: [
      clipped({ name: 'Relu', range: NINE_BITS, call: 'Relu(%f)', dtype: 'uint8', narrower: 'lo = 0, hi = 255' }),
      clipped({
        name: 'a Clip that is narrower on one side',
        range: NINE_BITS,
        call: 'Clip(%f, %lo, %hi)',
        consts: 'const %lo: float32[] = [-128]\nconst %hi: float32[] = [300]',
        dtype: 'int16',
        narrower: 'lo = -128, hi = 255',
      }),
      clipped({
        name: 'a Clip open below',
        range: NINE_BITS,
        call: 'Clip(%f, _, %hi)',
        consts: 'const %hi: float32[] = [127]',
        dtype: 'int16',
        narrower: 'lo = -256, hi = 127',
      }),
    ],
    refusals: [
      {
        name: 'a bound between two integers',
        graph: clipBefore({
          name: '',
          range: NINE_BITS,
          call: 'Clip(%f, %lo)',
          consts: 'const %lo: float32[] = [0.5]',
        }),
        reason: 'the bounds are 0.5 … 255',
      },
      {
        name: 'a Clip that is disjoint from the range',
        graph: clipBefore({
          name: '',
          range: NINE_BITS,
          call: 'Clip(%f, %lo)',
          consts: 'const %lo: float32[] = [300]',
        }),
        reason: 'the bounds are 300 … 255',
      },
      {
        name: 'bounds that the model computes',
        graph: `${HEAD(NINE_BITS)}
          input %lo: float32[]
          %f = Cast(%b) {to = 1}
          %y = Clip(%f, %lo)
          output "y" = %y`,
        reason: 'the bounds are not constant',
      },
      {
        name: 'integers that others read without the bounds',
        graph: `${HEAD(NINE_BITS)}
          %f = Cast(%b) {to = 1}
          %y = Relu(%f)
          output "y" = %y
          output "b" = %b`,
        reason: "'b' has other readers",
      },
    ],
  },
  TINPU_RULES,
);

const dequantised = (name: string, call: string, dims: string) => ({
  name,
  before: `graph "g"
    input %x: int8[N,2]
    const %s: float32[${dims}] = [0.3]
    %f = Cast(%x) {to = 1}
    %y = ${call} "out" @[2 "out" "Mul"]
    output "y" = %y`,
  after: `graph "g"
    input %x: int8[N,2]
    %y = q.Dequantize(%x) {scale = 0.30000001192092896} "out" @[2 "out" "Mul"]
    output "y" = %y`,
  feeds: { ranges: { x: [-128, 128] } } as const,
});

describeRule(
  liftDequantize,
  {
    rewrites: [
      dequantised('a factor behind', 'Mul(%f, %s)', ''),
      dequantised('a factor in front, of one axis', 'Mul(%s, %f)', '1'),
    ],
    refusals: [
      {
        name: 'accumulators',
        graph: `graph "g"
          input %x: int32[N,2]
          const %s: float32[] = [0.3]
          %f = Cast(%x) {to = 1}
          %y = Mul(%f, %s)
          output "y" = %y`,
        reason: 'int32 is no activation',
      },
      {
        name: 'one scale a channel',
        graph: `graph "g"
          input %x: int8[N,2]
          const %s: float32[2] = [0.3, 0.4]
          %f = Cast(%x) {to = 1}
          %y = Mul(%f, %s)
          output "y" = %y`,
        reason: 'the scale is not one number',
      },
      {
        name: 'a scale that adds an axis',
        graph: `graph "g"
          input %x: int8[N,2]
          const %s: float32[1,1,1] = [0.3]
          %f = Cast(%x) {to = 1}
          %y = Mul(%f, %s)
          output "y" = %y`,
        reason: 'the product has more axes',
      },
    ],
  },
  TINPU_RULES,
);
