import { liftBnorm, liftInputNorm } from '../../../../src/backends/tinpu/lift/lift-requantisation.js';
import { describeRule } from '../../../support/rules.js';
import { TINPU_RULES } from '../../../support/tinpu-rules.js';

interface Sequence {
  readonly name: string;
  /** Labelled constants other than lo and hi. */
  readonly consts?: string;
  /** Nodes from %f, the carried accumulator, to %v. */
  readonly steps: string;
  readonly bounds?: readonly [lo: string, hi: string];
  readonly dtype?: string;
  readonly dims?: string;
}

const bnormBefore = ({
  consts = '',
  steps,
  bounds = ['-128', '127'],
  dtype = 'int32',
  dims = 'N,2,3,1',
}: Sequence): string => `graph "g"
  input %x: ${dtype}[${dims}]
  const %lo: float32[] = [${bounds[0]}]
  const %hi: float32[] = [${bounds[1]}]
  ${consts}
  %f = Cast(%x) {to = 1}
  ${steps}
  %r = Floor(%v) "conv/Floor" @[4 "conv/Floor" "Floor"]
  %y = Clip(%r, %lo, %hi) "conv/Clip" @[5 "conv/Clip" "Clip"]
  output "y" = %y`;

const bnorm = (example: Sequence & { readonly lists: string; readonly range?: string; readonly result?: string }) => ({
  name: example.name,
  before: bnormBefore(example),
  after: `graph "g"
    input %x: int32[N,2,3,1]
    ${example.lists}
    %y: ${example.result ?? 'int8'}[N,2,3,1] = q.Bnorm(%x, %bias, %scale, %shift) {${example.range ?? 'lo = -128, hi = 127'}} "conv/Clip" @[4 "conv/Floor" "Floor", 5 "conv/Clip" "Clip"]
    %"y/float" = Cast(%y) {to = 1} "conv/Clip"
    output "y" = %"y/float"`,
  feeds: { ranges: { x: [-3000, 3000] } } as const,
});

const kept = (example: Sequence, reason: string) => ({ name: example.name, graph: bnormBefore(example), reason });

const PER_CHANNEL = `const %b: float32[1,2,1,1] = [40, -30]
  const %m: float32[1,2,1,1] = [1, 3]
  const %d: float32[1,2,1,1] = [16, 32]`;
const NEITHER = 'bias and scale are not per-channel integers';

describeRule(
  liftBnorm,
  {
    rewrites: [
      bnorm({
        name: 'Add, Mul, Div with constants of each channel',
        consts: PER_CHANNEL,
        steps: `%a = Add(%f, %b)
          %p = Mul(%a, %m)
          %v = Div(%p, %d)`,
        lists: `const %bias: int32[2] = [40, -30]
          const %scale: int32[2] = [1, 3]
          const %shift: int32[2] = [4, 5]`,
      }),
      bnorm({
        name: 'Add, Mul, Mul with scalars in front',
        consts: `const %b: float32[] = [40]
          const %m: float32[1] = [3]
          const %d: float32[] = [0.03125]`,
        steps: `%a = Add(%b, %f)
          %p = Mul(%m, %a)
          %v = Mul(%d, %p)`,
        bounds: ['0', '255'],
        lists: `const %bias: int32[1] = [40]
          const %scale: int32[1] = [3]
          const %shift: int32[1] = [5]`,
        range: 'lo = 0, hi = 255',
        result: 'uint8',
      }),
      bnorm({
        name: 'a bias alone, with the wider range of 9 bits',
        consts: 'const %b: float32[1,2,1,1] = [40, -30]',
        steps: '%v = Add(%f, %b)',
        bounds: ['-256', '255'],
        lists: `const %bias: int32[2] = [40, -30]
          const %scale: int32[1] = [1]
          const %shift: int32[1] = [0]`,
        range: 'lo = -256, hi = 255',
        result: 'int16',
      }),
      bnorm({
        name: 'a shift alone',
        consts: 'const %d: float32[1,2,1,1] = [8, 16]',
        steps: '%v = Div(%f, %d)',
        lists: `const %bias: int32[1] = [0]
          const %scale: int32[1] = [1]
          const %shift: int32[2] = [3, 4]`,
      }),
      bnorm({
        name: 'arithmetic in more steps than it takes',
        consts: `const %a1: float32[2,1,1] = [40, -30]
          const %a2: float32[1] = [2]
          const %m1: float32[] = [2]
          const %m2: float32[1,2,1,1] = [3, 5]
          const %d1: float32[] = [16]
          const %d2: float32[] = [0.5]`,
        steps: `%p1 = Add(%a1, %f)
          %p2 = Sub(%p1, %a2)
          %p3 = Mul(%p2, %m1)
          %p4 = Mul(%m2, %p3)
          %p5 = Div(%p4, %d1)
          %v = Mul(%p5, %d2)`,
        lists: `const %bias: int32[2] = [38, -32]
          const %scale: int32[2] = [3, 5]
          const %shift: int32[1] = [4]`,
      }),
      bnorm({
        name: 'a multiplier stated as one fraction, in lowest terms',
        consts: `const %b: float32[] = [40]
          const %m: float32[1,2,1,1] = [0.1669921875, 0.25]`,
        steps: `%a = Add(%f, %b)
          %v = Mul(%a, %m)`,
        lists: `const %bias: int32[1] = [40]
          const %scale: int32[2] = [171, 1]
          const %shift: int32[2] = [10, 2]`,
      }),
      bnorm({
        name: 'the shift in front of the scale',
        consts: `const %s: float32[] = [0.125]
          const %m: float32[1,2,1,1] = [3, 5]`,
        steps: `%p = Mul(%f, %s)
          %v = Mul(%p, %m)`,
        lists: `const %bias: int32[1] = [0]
          const %scale: int32[2] = [3, 5]
          const %shift: int32[1] = [3]`,
      }),
      bnorm({
        name: 'a half that is added behind the shift, in its units',
        consts: `const %d: float32[] = [0.0625]
          const %half: float32[] = [0.5]`,
        steps: `%p = Mul(%f, %d)
          %v = Add(%p, %half)`,
        lists: `const %bias: int32[1] = [8]
          const %scale: int32[1] = [1]
          const %shift: int32[1] = [4]`,
      }),
      {
        name: 'a map of activations, summed by single taps first',
        before: bnormBefore({
          name: '',
          dtype: 'int8',
          consts: PER_CHANNEL,
          steps: `%a = Add(%f, %b)
          %p = Mul(%a, %m)
          %v = Div(%p, %d)`,
        }),
        after: `graph "g"
          input %x: int8[N,2,3,1]
          const %ones: int8[2,1,1,1] = [1, 1]
          const %bias: int32[2] = [40, -30]
          const %scale: int32[2] = [1, 3]
          const %shift: int32[2] = [4, 5]
          %"y/accumulator": int32[N,2,3,1] = q.Conv(%x, %ones) {strides = [1, 1], pads = [0, 0, 0, 0], dilations = [1, 1], group = 2} "conv/Clip" @[4 "conv/Floor" "Floor", 5 "conv/Clip" "Clip"]
          %y: int8[N,2,3,1] = q.Bnorm(%"y/accumulator", %bias, %scale, %shift) {lo = -128, hi = 127} "conv/Clip" @[4 "conv/Floor" "Floor", 5 "conv/Clip" "Clip"]
          %"y/float" = Cast(%y) {to = 1} "conv/Clip"
          output "y" = %"y/float"`,
        feeds: { ranges: { x: [-128, 128] } },
      },
      {
        name: 'a Relu before the only Clip',
        before: `graph "g"
          input %x: int32[N,2]
          const %lo: float32[] = [-128]
          const %hi: float32[] = [127]
          const %d: float32[] = [0.125]
          %f = Cast(%x) {to = 1}
          %v = Mul(%f, %d)
          %r = Floor(%v)
          %p = Relu(%r)
          %y = Clip(%p, %lo, %hi) "fc/Clip" @[5 "fc/Clip" "Clip"]
          output "y" = %y`,
        after: `graph "g"
          input %x: int32[N,2]
          const %bias: int32[1] = [0]
          const %scale: int32[1] = [1]
          const %shift: int32[1] = [3]
          %y: uint8[N,2] = q.Bnorm(%x, %bias, %scale, %shift) {lo = 0, hi = 127} "fc/Clip" @[5 "fc/Clip" "Clip"]
          %"y/float" = Cast(%y) {to = 1} "fc/Clip"
          output "y" = %"y/float"`,
        feeds: { ranges: { x: [-3000, 3000] } },
      },
      bnorm({
        name: 'a factor that is no power of two, without a shift',
        consts: 'const %m: float32[1,2,1,1] = [3, 5]',
        steps: '%v = Mul(%f, %m)',
        lists: `const %bias: int32[1] = [0]
          const %scale: int32[2] = [3, 5]
          const %shift: int32[1] = [0]`,
      }),
    ],
    refusals: [
      kept(
        {
          name: 'activations that are no map',
          dtype: 'int8',
          dims: 'N,2',
          consts: 'const %b: float32[] = [5]',
          steps: '%v = Add(%f, %b)',
        },
        'what is requantised is no integer accumulator',
      ),
      kept(
        { name: 'a sequence of other operators', consts: PER_CHANNEL, steps: '%v = Neg(%f)' },
        'what is requantised is no integer accumulator',
      ),
      kept(
        { name: 'constants subtracted from', consts: PER_CHANNEL, steps: '%v = Sub(%b, %f)' },
        'what is requantised is no integer accumulator',
      ),
      kept(
        {
          name: 'an addition that is no multiple of the scale',
          consts: `const %b: float32[] = [40]
            const %m: float32[] = [3]`,
          steps: `%p = Mul(%f, %m)
          %v = Add(%p, %b)`,
        },
        NEITHER,
      ),
      kept(
        {
          name: 'a division by what is no power of two',
          consts: 'const %d: float32[] = [6]',
          steps: '%v = Div(%f, %d)',
        },
        NEITHER,
      ),
      kept(
        { name: 'bounds between integers', bounds: ['-0.5', '127'], consts: PER_CHANNEL, steps: '%v = Add(%f, %b)' },
        'the bounds are not integers',
      ),
      kept(
        { name: 'bounds in the wrong order', bounds: ['5', '-5'], consts: PER_CHANNEL, steps: '%v = Add(%f, %b)' },
        'the bounds are not integers',
      ),
      kept(
        { name: 'bounds beyond 16 bits', bounds: ['-40000', '5'], consts: PER_CHANNEL, steps: '%v = Add(%f, %b)' },
        'the bounds are not integers',
      ),
      kept(
        { name: 'a bias that is a fraction', consts: 'const %b: float32[] = [0.5]', steps: '%v = Add(%f, %b)' },
        NEITHER,
      ),
      kept(
        { name: 'a bias beyond 32 bits', consts: 'const %b: float32[] = [4294967296]', steps: '%v = Add(%f, %b)' },
        NEITHER,
      ),
      kept(
        { name: 'a scale that is a fraction', consts: 'const %m: float32[] = [0.3]', steps: '%v = Mul(%f, %m)' },
        NEITHER,
      ),
      kept(
        { name: 'a bias of each row', consts: 'const %b: float32[3,1] = [1, 2, 3]', steps: '%v = Add(%f, %b)' },
        NEITHER,
      ),
      kept(
        { name: 'a shift of each row', consts: 'const %d: float32[3,1] = [1, 2, 4]', steps: '%v = Div(%f, %d)' },
        NEITHER,
      ),
    ],
  },
  TINPU_RULES,
);

const inputBefore = ({
  consts = '',
  steps,
  bounds = ['-128', '127'],
  dtype = 'float32',
}: Sequence): string => `graph "g"
  input %f: ${dtype}[N,2,3,1]
  const %lo: float32[] = [${bounds[0]}]
  const %hi: float32[] = [${bounds[1]}]
  ${consts}
  ${steps}
  %r = Floor(%v) "quantize/Floor"
  %y = Clip(%r, %lo, %hi) "quantize/Clip"
  output "y" = %y`;

const input = (example: Sequence & { readonly lists: string }) => ({
  name: example.name,
  before: inputBefore(example),
  after: `graph "g"
    input %f: float32[N,2,3,1]
    ${example.lists}
    %y: int8[N,2,3,1] = q.InputNorm(%f, %bias, %scale, %shift) {lo = -128, hi = 127} "quantize/Clip"
    %"y/float" = Cast(%y) {to = 1} "quantize/Clip"
    output "y" = %"y/float"`,
});

const notInput = (example: Sequence, reason: string) => ({
  name: example.name,
  graph: inputBefore(example),
  reason,
});

describeRule(
  liftInputNorm,
  {
    rewrites: [
      input({
        name: 'constants of each channel',
        consts: `const %b: float32[1,2,1,1] = [0.1, -0.3]
          const %m: float32[1,2,1,1] = [200, -3000]
          const %d: float32[1,2,1,1] = [8, 64]`,
        steps: `%a = Add(%f, %b)
          %p = Mul(%a, %m)
          %v = Div(%p, %d)`,
        lists: `const %bias: float32[1,2,1,1] = [0.1, -0.3]
          const %scale: float32[1,2,1,1] = [200, -3000]
          const %shift: int32[1,2,1,1] = [3, 6]`,
      }),
      input({
        name: 'scalars',
        consts: `const %b: float32[] = [0.1]
          const %m: float32[] = [200]
          const %d: float32[] = [0.125]`,
        steps: `%a = Add(%f, %b)
          %p = Mul(%a, %m)
          %v = Mul(%p, %d)`,
        lists: `const %bias: float32[] = [0.1]
          const %scale: float32[] = [200]
          const %shift: int32[] = [3]`,
      }),
      input({
        name: 'a fraction alone, as an integer and a shift',
        consts: 'const %m: float32[] = [12.5]',
        steps: '%v = Mul(%f, %m)',
        lists: `const %bias: float32[] = [0]
          const %scale: float32[] = [25]
          const %shift: int32[] = [1]`,
      }),
      input({
        name: 'a factor that no integer of 12 bits gives',
        consts: 'const %m: float32[] = [0.3]',
        steps: '%v = Mul(%f, %m)',
        lists: `const %bias: float32[] = [0]
          const %scale: float32[] = [0.3]
          const %shift: int32[] = [0]`,
      }),
      input({
        name: 'a subtraction, the shift in front, and factors in parts',
        consts: `const %b: float32[1,2,1,1] = [0.5, -0.25]
          const %d: float32[] = [16]
          const %m: float32[1,2,1,1] = [100, 300]
          const %q: float32[1] = [0.25]`,
        steps: `%a = Sub(%f, %b)
          %p = Div(%a, %d)
          %h = Mul(%m, %p)
          %v = Mul(%h, %q)`,
        lists: `const %bias: float32[1,2,1,1] = [-0.5, 0.25]
          const %scale: float32[1,2,1,1] = [25, 75]
          const %shift: int32[1,2,1,1] = [4, 4]`,
      }),
      input({
        name: 'a bias alone',
        consts: 'const %b: float32[3,1] = [1.5, 2, 3.25]',
        steps: '%v = Add(%f, %b)',
        lists: `const %bias: float32[3,1] = [1.5, 2, 3.25]
          const %scale: float32[] = [1]
          const %shift: int32[] = [0]`,
      }),
    ],
    refusals: [
      notInput(
        { name: 'no constants at all', steps: '%v = Neg(%f)' },
        'what is quantised is no float tensor behind constants',
      ),
      {
        name: 'integers',
        graph: bnormBefore({ name: '', consts: PER_CHANNEL, steps: '%v = Add(%f, %b)' }),
        reason: 'what is quantised is no float tensor behind constants',
      },
      notInput(
        {
          name: 'two factors that both round',
          consts: `const %m: float32[] = [3]
            const %n: float32[] = [5]`,
          steps: `%p = Mul(%f, %m)
            %v = Mul(%p, %n)`,
        },
        'what is quantised is no float tensor behind constants',
      ),
      notInput(
        {
          name: 'a division that rounds',
          consts: 'const %m: float32[] = [3]',
          steps: '%v = Div(%f, %m)',
        },
        'what is quantised is no float tensor behind constants',
      ),
      notInput(
        {
          name: 'bounds that are no integers',
          bounds: ['-1.5', '3'],
          consts: 'const %b: float32[] = [1]',
          steps: '%v = Add(%f, %b)',
        },
        'the bounds are not integers',
      ),
      notInput(
        {
          name: 'constants that add an axis',
          consts: 'const %b: float32[1,1,1,1,1] = [1]',
          steps: '%v = Add(%f, %b)',
        },
        'the constants enlarge the tensor',
      ),
      notInput(
        {
          name: 'constants that widen an axis',
          consts: 'const %b: float32[1,1,1,4] = [1, 2, 3, 4]',
          steps: '%v = Add(%f, %b)',
        },
        'the constants enlarge the tensor',
      ),
    ],
  },
  TINPU_RULES,
);
