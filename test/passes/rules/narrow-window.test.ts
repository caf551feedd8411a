import { narrowWindow } from '../../../src/passes/rules/narrow-window.js';
import { describeRule } from '../../support/rules.js';

/** An operator on [N, 4, 1, 6, 5], whose axis 2 is idle, and the same on [N, 4, 6, 5]. */
const narrowed = (name: string, before: string, after: string, weights: readonly [string, string] = ['', '']) => ({
  name,
  before: `graph "g"
    input %x: float32[N,4,1,6,5]
    ${weights[0]}
    %y = ${before}
    output "y" = %y`,
  after: `graph "g"
    input %x: float32[N,4,1,6,5]
    const %axes: int64[1] = [2]
    ${weights[1]}
    const %back: int64[1] = [2]
    %y_1 = Squeeze(%x, %axes)
    %y = ${after}
    %y_3 = Unsqueeze(%y, %back)
    output "y" = %y_3`,
});

const refused = (name: string, layer: string, reason: string) => ({
  name,
  graph: `graph "g"
    input %x: float32[N,4,1,6,5]
    const %w: float32[2,4,3,3,3] = random 1
    ${layer}
    output "y" = %y`,
  reason,
});

describeRule(narrowWindow, {
  rewrites: [
    narrowed(
      'Conv',
      'Conv(%x, %w) {kernel_shape = [1,3,3], pads = [0,1,2,0,1,0], strides = [7,1,2]}',
      'Conv(%y_1, %w) {kernel_shape = [3,3], pads = [1,2,1,0], strides = [1,2]}',
      ['const %w: float32[2,4,1,3,3] = random 1', 'const %w: float32[2,4,3,3] = random 1'],
    ),
    narrowed(
      'ConvTranspose',
      'ConvTranspose(%x, %w) {output_padding = [0,1,0], strides = [1,2,2]}',
      'ConvTranspose(%y_1, %w) {output_padding = [1,0], strides = [2,2]}',
      ['const %w: float32[4,2,1,3,3] = random 1', 'const %w: float32[4,2,3,3] = random 1'],
    ),
    narrowed('MaxPool', 'MaxPool(%x) {kernel_shape = [1,2,2]}', 'MaxPool(%y_1) {kernel_shape = [2,2]}'),
    narrowed('GlobalAveragePool', 'GlobalAveragePool(%x)', 'GlobalAveragePool(%y_1)'),
    narrowed(
      'BatchNormalization',
      'BatchNormalization(%x, %s, %s, %s, %s)',
      'BatchNormalization(%y_1, %s, %s, %s, %s)',
      ['const %s: float32[4] = [1, 2, 3, 4]', 'const %s: float32[4] = [1, 2, 3, 4]'],
    ),
    {
      name: 'Conv with its middle axis idle and computed weights',
      before: `graph "g"
        input %x: float32[N,4,5,1,6]
        input %w: float32[2,4,3,1,2]
        %y = Conv(%x, %w) {pads = [1,0,0,1,0,0]}
        output "y" = %y`,
      after: `graph "g"
        input %x: float32[N,4,5,1,6]
        input %w: float32[2,4,3,1,2]
        const %kernel: int64[1] = [3]
        const %axes: int64[1] = [3]
        const %back: int64[1] = [3]
        %y_1 = Squeeze(%w, %kernel)
        %y_2 = Squeeze(%x, %axes)
        %y = Conv(%y_2, %y_1) {pads = [1,0,1,0]}
        %y_4 = Unsqueeze(%y, %back)
        output "y" = %y_4`,
    },
    {
      name: 'AveragePool with its last axis idle',
      before: `graph "g"
        input %x: float32[N,4,7,6,1]
        %y = AveragePool(%x) {kernel_shape = [3,2,1], pads = [1,1,0,0,0,0]}
        output "y" = %y`,
      after: `graph "g"
        input %x: float32[N,4,7,6,1]
        const %axes: int64[1] = [4]
        const %back: int64[1] = [4]
        %y_1 = Squeeze(%x, %axes)
        %y = AveragePool(%y_1) {kernel_shape = [3,2], pads = [1,1,0,0]}
        %y_3 = Unsqueeze(%y, %back)
        output "y" = %y_3`,
    },
  ],
  refusals: [
    refused('a window that needs padding', '%y = Conv(%x, %w) {pads = [1,1,1,1,1,1]}', 'every spatial axis is in use'),
    refused(
      'padding that makes the axis longer',
      '%y = MaxPool(%x) {kernel_shape = [2,1,1], pads = [1,0,0,1,0,0]}',
      'every spatial axis is in use',
    ),
    refused(
      'the places of the maxima',
      '%y, %i = MaxPool(%x) {kernel_shape = [1,2,2]}\noutput "i" = %i',
      'the places of the maxima',
    ),
    {
      name: 'images',
      graph: `graph "g"
        input %x: float32[N,4,6,1]
        %y = GlobalMaxPool(%x)
        output "y" = %y`,
      reason: 'not three-dimensional',
    },
  ],
});
