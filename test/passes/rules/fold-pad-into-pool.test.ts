import { foldPadIntoPool } from '../../../src/passes/rules/fold-pad-into-pool.js';
import { describeRule, type RefusalCase, type RewriteCase } from '../../support/rules.js';

const POOL_2 = 'kernel_shape = [2, 3], pads = [0, 0, 0, 0], strides = [2, 1]';

const maxPool = (name: string, type: string, before: string, value: string, kept = before): RewriteCase => ({
  name,
  before: `graph "g"
input %x: ${type}[N,2,4,5]
const %low: ${type}[] = [-0.5]
const %value: ${type}[] = [${value}]
const %pads: int64[8] = [0, 0, 1, 2, 0, 0, 0, 1]
${before}
%p = Pad(%d, %pads, %value) "pad" @[0 "pad" "Pad"]
%y = MaxPool(%p) {${POOL_2}} "pool" @[1 "pool" "MaxPool"]
output "y" = %y`,
  after: `graph "g"
input %x: ${type}[N,2,4,5]
${kept.includes('%low') ? `const %low: ${type}[] = [-0.5]` : ''}
${kept}
%y = MaxPool(%d) {${POOL_2.replace('[0, 0, 0, 0]', '[1, 2, 0, 1]')}} "pool" @[0 "pad" "Pad", 1 "pool" "MaxPool"]
output "y" = %y`,
});

const refusal = (name: string, data: string, value: string, pool: string, reason: string): RefusalCase => ({
  name,
  graph: `graph "g"
input %x: float32[N,2,6]
const %low: float32[] = [-0.5]
const %value: float32[] = [${value}]
const %pads: int64[6] = [0, 0, 1, 0, 0, 1]
%d = ${data}
%p = Pad(%d, %pads, %value)
%y = ${pool}
output "y" = %y`,
  reason,
});

describeRule(foldPadIntoPool, {
  rewrites: [
    maxPool('MaxPool of a Pad of -inf', 'float32', '%d = Neg(%x)', '-inf'),
    maxPool('MaxPool of a Pad of the lowest float32', 'float32', '%d = Neg(%x)', '-3.4028234663852886e38'),
    maxPool('MaxPool of a Pad of zeros behind Relu', 'float32', '%d = Relu(%x)', '0'),
    maxPool('MaxPool of a Pad of zeros behind Sigmoid', 'float32', '%d = Sigmoid(%x)', '0'),
    maxPool('MaxPool of the lower bound of a Clip', 'float32', '%d = Clip(%x, %low)', '-0.5'),
    maxPool(
      'MaxPool of zeros behind Relu, MaxPool and Transpose',
      'float32',
      `%r = Relu(%x)
%t = Transpose(%r) {perm = [0, 1, 3, 2]}
%d = MaxPool(%t) {kernel_shape = [2, 1]}`,
      '0',
    ),
    maxPool('MaxPool of float64 and -inf', 'float64', '%d = Neg(%x)', '-inf'),
    {
      name: 'MaxPool of bytes',
      before: `graph "g"
input %x: uint8[1,2,4]
const %zero: uint8[] = [0]
const %pads: int64[6] = [0, 0, 1, 0, 0, 1]
%p = Pad(%x, %pads, %zero)
%y = MaxPool(%p) {kernel_shape = [2]}
output "y" = %y`,
      after: `graph "g"
input %x: uint8[1,2,4]
%y = MaxPool(%x) {kernel_shape = [2], pads = [1, 1]}
output "y" = %y`,
    },
    {
      name: 'AveragePool without pads of its own',
      before: `graph "g"
input %x: float32[N,2,6]
const %pads: int64[6] = [0, 0, 1, 0, 0, 2]
%p = Pad(%x, %pads)
%y = AveragePool(%p) {kernel_shape = [3], strides = [2]}
output "y" = %y`,
      after: `graph "g"
input %x: float32[N,2,6]
%y = AveragePool(%x) {kernel_shape = [3], strides = [2], pads = [1, 2], count_include_pad = 1}
output "y" = %y`,
    },
    {
      name: 'AveragePool whose own pads count',
      before: `graph "g"
input %x: float32[N,2,6]
const %pads: int64[6] = [0, 0, 1, 0, 0, 0]
const %zero: float32[1] = [0]
%p = Pad(%x, %pads, %zero)
%y = AveragePool(%p) {count_include_pad = 1, kernel_shape = [4], pads = [1, 2]}
output "y" = %y`,
      after: `graph "g"
input %x: float32[N,2,6]
%y = AveragePool(%x) {count_include_pad = 1, kernel_shape = [4], pads = [2, 2]}
output "y" = %y`,
    },
  ],
  refusals: [
    refusal('zeros that may be above the data', 'Neg(%x)', '0', 'MaxPool(%p) {kernel_shape = [2]}', 'may be above'),
    refusal('a number near the lowest', 'Neg(%x)', '-3.4e38', 'MaxPool(%p) {kernel_shape = [2]}', 'may be above'),
    refusal('ones behind Relu', 'Relu(%x)', '1', 'MaxPool(%p) {kernel_shape = [2]}', 'may be above'),
    refusal('zeros behind a Clip at -0.5', 'Clip(%x, %low)', '0', 'MaxPool(%p) {kernel_shape = [2]}', 'may be above'),
    refusal('zeros behind a Clip from above', 'Clip(%x, _, %low)', '0', 'MaxPool(%p) {kernel_shape = [2]}', 'above'),
    refusal('NaN', 'Relu(%x)', 'nan', 'MaxPool(%p) {kernel_shape = [2]}', 'may be above'),
    refusal(
      'a pad as long as the window',
      'Relu(%x)',
      '0',
      'MaxPool(%p) {kernel_shape = [1]}',
      'as long as the window',
    ),
    refusal(
      'a dilated window, which may miss the data',
      'Relu(%x)',
      '0',
      'MaxPool(%p) {dilations = [2], kernel_shape = [2]}',
      'the window is dilated',
    ),
    refusal(
      'ceil_mode',
      'Relu(%x)',
      '0',
      'MaxPool(%p) {ceil_mode = 1, kernel_shape = [2], strides = [2]}',
      'ceil_mode',
    ),
    refusal('auto_pad', 'Relu(%x)', '0', 'MaxPool(%p) {auto_pad = "SAME_UPPER", kernel_shape = [2]}', 'auto_pad'),
    refusal('ones before AveragePool', 'Relu(%x)', '1', 'AveragePool(%p) {kernel_shape = [2]}', 'the Pad adds 1'),
    refusal(
      'pads that count beside some that do not',
      'Relu(%x)',
      '0',
      'AveragePool(%p) {kernel_shape = [3], pads = [1, 0]}',
      'do not count',
    ),
    {
      name: 'the places of the maxima',
      graph: `graph "g"
input %x: float32[N,2,6]
const %low: float32[] = [-inf]
const %pads: int64[6] = [0, 0, 1, 0, 0, 1]
%p = Pad(%x, %pads, %low)
%y, %places = MaxPool(%p) {kernel_shape = [2]}
output "y" = %y
output "places" = %places`,
      reason: 'the places of the maxima',
    },
  ],
});
