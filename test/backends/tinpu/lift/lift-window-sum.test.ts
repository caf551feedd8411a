import { liftWindowSum } from '../../../../src/backends/tinpu/lift/lift-window-sum.js';
import { describeRule } from '../../../support/rules.js';
import { TINPU_RULES } from '../../../support/tinpu-rules.js';

const WINDOW = 'kernel_shape = [2, 3], strides = [2, 3], pads = [0, 0, 0, 0]';
const COLUMNS = { ranges: { x: [0, 256] } } as const;

const scaledPool = (pool: string, dims: string, factor = 'Mul(%p, %a)', area = 6): string => `graph "g"
  input %x: uint8[N,2,4,${dims}]
  const %a: float32[] = [${area}]
  const %axes: int64[2] = [-1, 2]
  %f = Cast(%x) {to = 1}
  %p = ${pool} "pool" @[2 "pool" "AveragePool"]
  %m = ${factor}
  %y = Round(%m) "round" @[4 "round" "Round"]
  output "y" = %y`;

const summed = (sum: string, dims: string, shape: string): string => `graph "g"
  input %x: uint8[N,2,4,${dims}]
  ${sum.includes('%ones') ? 'const %ones: int8[2,1,2,3] = splat 1' : ''}
  %y: int32[N,2,${shape}] = ${sum} "round" @[4 "round" "Round"]
  %"y/float" = Cast(%y) {to = 1} "round"
  output "y" = %"y/float"`;

describeRule(
  liftWindowSum,
  {
    rewrites: [
      {
        name: 'the window sum of an average pool',
        before: scaledPool(`AveragePool(%f) {${WINDOW}}`, '6'),
        after: summed(
          'q.Conv(%x, %ones) {strides = [2, 3], pads = [0, 0, 0, 0], dilations = [1, 1], group = 2}',
          '6',
          '2,2',
        ),
        feeds: COLUMNS,
      },
      {
        name: 'padding that counts',
        before: scaledPool(`AveragePool(%f) {kernel_shape = [2, 3], pads = [1, 0, 0, 2], count_include_pad = 1}`, '6'),
        after: summed(
          'q.Conv(%x, %ones) {strides = [1, 1], pads = [1, 0, 0, 2], dilations = [1, 1], group = 2}',
          '6',
          '4,6',
        ),
        feeds: COLUMNS,
      },
      {
        name: 'a division by the reciprocal of the area',
        before: scaledPool(`AveragePool(%f) {kernel_shape = [2, 2]}`, '6', 'Div(%p, %a)', 0.25),
        after: summed(
          'q.Conv(%x, %ones) {strides = [1, 1], pads = [0, 0, 0, 0], dilations = [1, 1], group = 2}',
          '6',
          '3,5',
        ).replace('[2,1,2,3]', '[2,1,2,2]'),
        feeds: COLUMNS,
      },
      {
        name: 'the mean of a map',
        before: scaledPool('GlobalAveragePool(%f)', '3', 'Mul(%a, %p)', 12),
        after: summed('q.GlobalSum(%x)', '3', '1,1'),
        feeds: COLUMNS,
      },
      {
        name: 'a reduction that drops the axes of the map',
        before: scaledPool('ReduceMean(%f, %axes) {keepdims = 0}', '3', 'Mul(%p, %a)', 12),
        after: `graph "g"
          input %x: uint8[N,2,4,3]
          const %axes: int64[2] = [2, 3]
          %"y/sum": int32[N,2,1,1] = q.GlobalSum(%x) "round" @[4 "round" "Round"]
          %y: int32[N,2] = Squeeze(%"y/sum", %axes) "round" @[4 "round" "Round"]
          %"y/float" = Cast(%y) {to = 1} "round"
          output "y" = %"y/float"`,
        feeds: COLUMNS,
      },
    ],
    refusals: [
      [
        'padding that does not count',
        scaledPool(`AveragePool(%f) {kernel_shape = [2, 3], pads = [1, 0, 0, 0]}`, '6'),
        'the divisor varies at the border',
      ],
      [
        'windows that reach beyond the map',
        scaledPool(`AveragePool(%f) {kernel_shape = [2, 3], strides = [3, 3], ceil_mode = 1}`, '6'),
        'the last windows are not full',
      ],
      [
        'another factor',
        scaledPool(`AveragePool(%f) {${WINDOW}}`, '6', 'Mul(%p, %a)', 5),
        'not the area of the window',
      ],
      ['another area', scaledPool('GlobalAveragePool(%f)', '3', 'Mul(%p, %a)', 13), 'not the area of the map'],
      [
        'a mean over channels',
        scaledPool('ReduceMean(%f) {keepdims = 0}', '3', 'Mul(%p, %a)', 24),
        'ReduceMean is no mean of the map',
      ],
      [
        'sums that float32 does not give back',
        scaledPool('GlobalAveragePool(%f)', '3000', 'Mul(%p, %a)', 12000),
        'float32 does not give back the sum',
      ],
    ].map(([name = '', graph = '', reason = '']) => ({ name, graph, reason })),
  },
  TINPU_RULES,
);
