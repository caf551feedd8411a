import { rewriteBatchnormAsConv } from '../../../../src/backends/tinpu/prepare/rewrite-batchnorm-as-conv.js';
import { describeRule } from '../../../support/rules.js';

const PARAMETERS = `
  const %gamma: float32[2] = [0.5, -2]
  const %beta: float32[2] = [1, 0.25]
  const %mean: float32[2] = [0.5, -1]
  const %variance: float32[2] = [0.25, 4]
  const %k: float32[2,2,1,1] = random 1
  const %w: float32[2,2] = random 2
  const %zero: float32[] = [0]
  const %axes: int64[1] = [3]`;
const NORM = (x: string): string =>
  `%y = BatchNormalization(${x}, %gamma, %beta, %mean, %variance) {epsilon = 0.0} "bn" @[3 "bn" "BatchNormalization"]`;

/** One depthwise weight and bias a channel: γ/σ = 1 and -1, β - μ·γ/σ = 0.5 and -0.75. */
const CONSTANTS = `
  const %factor: float32[2,1,1,1] = [1, -1]
  const %shift: float32[2] = [0.5, -0.75]`;
const CONV = (x: string): string =>
  `Conv(${x}, %factor, %shift) {group = 2, kernel_shape = [1, 1], strides = [1, 1], pads = [0, 0, 0, 0], dilations = [1, 1]} "bn" @[3 "bn" "BatchNormalization"]`;

/** Float32 rounds the folded product and sum otherwise than the four steps of the normalisation. */
const exactness = { relative: 1e-6, because: 'a multiplication and an addition in place of four operations' } as const;

/** A map of rank 4 that a layer and then `between` computes. */
const behind = (name: string, between: string, source: string, shape = 'N,2,3,3') => ({
  name,
  before: `graph "g"
    input %x: float32[N,2,3,3]
    ${PARAMETERS}
    %a = Conv(%x, %k)
    ${between}
    ${NORM(source)}
    output "y" = %y`,
  after: `graph "g"
    input %x: float32[N,2,3,3]
    ${PARAMETERS}
    ${CONSTANTS}
    %a = Conv(%x, %k)
    ${between}
    %y: float32[${shape}] = ${CONV(source)}
    output "y" = %y`,
  exactness,
});

const refused = (name: string, lines: string, reason: string) => ({
  name,
  graph: `graph "g"\n${lines.replace('CONSTANTS', PARAMETERS)}\noutput "y" = %y`,
  reason,
});

describeRule(rewriteBatchnormAsConv, {
  rewrites: [
    behind('of what a layer computes', '', '%a'),
    behind('behind a mover', '%m = MaxPool(%a) {kernel_shape = [2, 2]}', '%m', 'N,2,2,2'),
    behind('behind an averaging pool', '%m = AveragePool(%a) {kernel_shape = [2, 2]}', '%m', 'N,2,2,2'),
    behind('behind a sum', '%m = Add(%a, %x)', '%m'),
    behind('behind bounds', '%m = Clip(%a, %zero)', '%m'),
    {
      name: 'of rank 2: the missing axes are added and dropped again',
      before: `graph "g"
        input %x: float32[N,2]
        ${PARAMETERS}
        %a = Gemm(%x, %w)
        %m = Clip(%a, %zero)
        ${NORM('%m')}
        output "y" = %y`,
      after: `graph "g"
        input %x: float32[N,2]
        ${PARAMETERS}
        ${CONSTANTS}
        const %missing: int64[2] = [2, 3]
        %a = Gemm(%x, %w)
        %m = Clip(%a, %zero)
        %"y/map" = Unsqueeze(%m, %missing) "bn" @[3 "bn" "BatchNormalization"]
        %"y/scaled" = ${CONV('%"y/map"')}
        %y = Squeeze(%"y/scaled", %missing) "bn" @[3 "bn" "BatchNormalization"]
        output "y" = %y`,
      exactness,
    },
    {
      name: 'of rank 3',
      before: `graph "g"
        input %x: float32[N,2,5,1]
        ${PARAMETERS}
        %a = Conv(%x, %k)
        %m = Squeeze(%a, %axes)
        ${NORM('%m')}
        output "y" = %y`,
      after: `graph "g"
        input %x: float32[N,2,5,1]
        ${PARAMETERS}
        ${CONSTANTS}
        const %missing: int64[1] = [3]
        %a = Conv(%x, %k)
        %m = Squeeze(%a, %axes)
        %"y/map" = Unsqueeze(%m, %missing) "bn" @[3 "bn" "BatchNormalization"]
        %"y/scaled" = ${CONV('%"y/map"')}
        %y = Squeeze(%"y/scaled", %missing) "bn" @[3 "bn" "BatchNormalization"]
        output "y" = %y`,
      exactness,
    },
  ],
  refusals: [
    refused('the input of the model', `input %x: float32[N,2,3,3] CONSTANTS\n${NORM('%x')}`, 'not computed by a layer'),
    refused(
      'the input of the model behind a mover',
      `input %x: float32[N,2,3,3] CONSTANTS\n%m = MaxPool(%x) {kernel_shape = [2, 2]}\n${NORM('%m')}`,
      'not computed by a layer',
    ),
    refused(
      'what a float function computes',
      `input %x: float32[N,2,3,3] CONSTANTS\n%a = Conv(%x, %k)\n%s = Sigmoid(%a)\n${NORM('%s')}`,
      'not computed by a layer',
    ),
    refused(
      'a tensor of rank 5',
      `input %x: float32[N,2,3,3] CONSTANTS\n%a = Conv(%x, %k)\n%m = Unsqueeze(%a, %axes)\n${NORM('%m')}`,
      'a tensor of rank 5 has no form with two spatial axes',
    ),
    refused(
      'a variance without a root',
      `input %x: float32[N,2,3,3] CONSTANTS\nconst %low: float32[2] = [-1, 1]\n%a = Conv(%x, %k)\n${NORM('%a').replace('%variance', '%low')}`,
      'a factor or shift is not finite',
    ),
    refused(
      'parameters that the model computes',
      `input %x: float32[N,2,3,3]\ninput %scales: float32[2] CONSTANTS\n%a = Conv(%x, %k)\n${NORM('%a').replace('%gamma', '%scales')}`,
      "'scales' is not a constant",
    ),
  ],
});
