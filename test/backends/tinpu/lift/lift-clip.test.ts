import { liftClip, liftFreeClip } from '../../../../src/backends/tinpu/lift/lift-clip.js';
import { describeRule } from '../../../support/rules.js';
import { TINPU_RULES } from '../../../support/tinpu-rules.js';

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

const sum = (name: string, clip: string, consts: string, result: string) => ({
  name,
  before: `graph "g"
    input %a: uint8[N,2]
    input %b: uint8[N,2]
    ${consts}
    %s: int16[N,2] = q.Add(%a, %b) {lo = 0, hi = 510} "add" @[0 "add" "Add"]
    %f = Cast(%s) {to = 1} "add"
    %y = ${clip} "clip" @[1 "clip" "Clip"]
    output "y" = %y`,
  after: `graph "g"
    input %a: uint8[N,2]
    input %b: uint8[N,2]
    %y = q.Add(%a, %b) {${result}} "clip" @[0 "add" "Add", 1 "clip" "Clip"]
    %"y/float" = Cast(%y) {to = 1} "clip"
    output "y" = %"y/float"`,
  feeds: { ranges: { a: [0, 256], b: [0, 256] } } as const,
});

const BOUNDS = (lo: number, hi: number): string => `const %lo: float32[] = [${lo}]\nconst %hi: float32[] = [${hi}]`;

describeRule(
  liftClip,
  {
    rewrites: [
      sum('a sum of which no element is below 0', 'Clip(%f, %lo, %hi)', BOUNDS(-128, 127), 'lo = -128, hi = 127'),
      sum('a sum that is clipped above', 'Clip(%f, _, %hi)', BOUNDS(0, 255), 'lo = 0, hi = 255'),
      {
        name: 'a sum that clips already',
        before: `graph "g"
          input %a: int8[N,2]
          input %b: int8[N,2]
          %s: uint8[N,2] = q.Add(%a, %b) {lo = 0, hi = 200} "relu"
          %f = Cast(%s) {to = 1}
          ${BOUNDS(-5, 100)}
          %y = Clip(%f, %lo, %hi) "clip"
          output "y" = %y`,
        after: `graph "g"
          input %a: int8[N,2]
          input %b: int8[N,2]
          %y: uint8[N,2] = q.Add(%a, %b) {lo = 0, hi = 100} "clip"
          %"y/float" = Cast(%y) {to = 1} "clip"
          output "y" = %"y/float"`,
        feeds: { ranges: { a: [-128, 128], b: [-128, 128] } } as const,
      },
    ],
  },
  TINPU_RULES,
);

const free = (name: string, dtype: string, clip: string, consts: string, result: string, range: [number, number]) => ({
  name,
  before: `graph "g"
    input %x: ${dtype}[N,2]
    ${consts}
    %f = Cast(%x) {to = 1} "add"
    %y = ${clip} "clip" @[1 "clip" "Clip"]
    output "y" = %y`,
  after: `graph "g"
    input %x: ${dtype}[N,2]
    %y = q.Clip(%x) {${result}} "clip" @[1 "clip" "Clip"]
    %"y/float" = Cast(%y) {to = 1} "clip"
    output "y" = %"y/float"`,
  feeds: { ranges: { x: range } } as const,
});

describeRule(
  liftFreeClip,
  {
    rewrites: [
      free('Relu', 'int8', 'Relu(%f)', '', 'lo = 0, hi = 127', [-128, 128]),
      free('bounds beyond the integers', 'uint8', 'Clip(%f, %lo, %hi)', BOUNDS(-7, 300), 'lo = -7, hi = 300', [0, 256]),
      free('a Clip open above', 'int16', 'Clip(%f, %lo)', BOUNDS(5, 6), 'lo = 5, hi = 32767', [-300, 300]),
      {
        name: 'integers that others read without the bounds, behind an Identity',
        before: `graph "g"
          input %x: int8[N,2]
          ${BOUNDS(0, 6)}
          %f = Cast(%x) {to = 1}
          %i = Identity(%f)
          %y = Clip(%i, %lo, %hi) "clip"
          output "y" = %y
          output "x" = %f`,
        after: `graph "g"
          input %x: int8[N,2]
          %f = Cast(%x) {to = 1}
          %y: int8[N,2] = q.Clip(%x) {lo = 0, hi = 6} "clip"
          %"y/float" = Cast(%y) {to = 1} "clip"
          output "y" = %"y/float"
          output "x" = %f`,
        feeds: { ranges: { x: [-128, 128] } },
      },
    ],
    refusals: [
      {
        name: 'accumulators',
        graph: `graph "g"
          input %x: int32[N,2]
          %f = Cast(%x) {to = 1}
          %y = Relu(%f)
          output "y" = %y`,
        reason: 'int32 is no activation',
      },
      {
        name: 'a bound between two integers',
        graph: `graph "g"
          input %x: int8[N,2]
          ${BOUNDS(0, 2.5)}
          %f = Cast(%x) {to = 1}
          %y = Clip(%f, %lo, %hi)
          output "y" = %y`,
        reason: 'the bounds are 0 … 2.5',
      },
      {
        name: 'a float tensor',
        graph: `graph "g"
          input %x: float32[N,2]
          %y = Relu(%x)
          output "y" = %y`,
        reason: "'x' is not the result of",
      },
    ],
  },
  TINPU_RULES,
);
