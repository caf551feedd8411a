import { mergeReshapes } from '../../../src/passes/rules/merge-reshapes.js';
import { sinkSqueeze } from '../../../src/passes/rules/sink-squeeze.js';
import { widenConv } from '../../../src/passes/rules/widen-conv.js';
import { describeRule } from '../../support/rules.js';

/** A convolution of [N, 4, 9] and the same of [N, 4, 9, 1]. */
const widened = (name: string, weight: string, before: string, after: string, op = 'Conv') => ({
  name,
  before: `graph "g"
    input %x: float32[N,4,9]
    const %w: float32[${weight}] = random 1
    const %b: float32[6] = random 2
    %y = ${op}(%x, %w, %b) {${before}}
    output "y" = %y`,
  after: `graph "g"
    input %x: float32[N,4,9]
    const %axes: int64[1] = [3]
    const %w: float32[${weight},1] = random 1
    const %b: float32[6] = random 2
    const %back: int64[1] = [3]
    %y_1 = Unsqueeze(%x, %axes)
    %y = ${op}(%y_1, %w, %b) {${after}}
    %y_3 = Squeeze(%y, %back)
    output "y" = %y_3`,
});

describeRule(widenConv, {
  rewrites: [
    widened(
      'Conv',
      '6,2,3',
      'dilations = [2], group = 2, kernel_shape = [3], pads = [1,2], strides = [3]',
      'dilations = [2,1], group = 2, kernel_shape = [3,1], pads = [1,0,2,0], strides = [3,1]',
    ),
    widened('Conv without attributes', '6,4,3', '', ''),
    widened('Conv with auto_pad', '6,4,4', 'auto_pad = "SAME_LOWER"', 'auto_pad = "SAME_LOWER"'),
    widened(
      'ConvTranspose',
      '4,6,3',
      'output_padding = [1], pads = [1,0], strides = [2]',
      'output_padding = [1,0], pads = [1,0,0,0], strides = [2,1]',
      'ConvTranspose',
    ),
    widened(
      'ConvTranspose of a stated size',
      '4,6,3',
      'output_shape = [18], strides = [2]',
      'output_shape = [18,1], strides = [2,1]',
      'ConvTranspose',
    ),
    {
      name: 'Conv whose weights are not constant',
      before: `graph "g"
        input %x: float32[N,4,L]
        input %w: float32[2,4,1]
        %y = Conv(%x, %w)
        output "y" = %y`,
      after: `graph "g"
        input %x: float32[N,4,L]
        input %w: float32[2,4,1]
        const %axes: int64[1] = [3]
        const %axes_1: int64[1] = [3]
        const %axes_2: int64[1] = [3]
        %y_1 = Unsqueeze(%x, %axes)
        %y_2 = Unsqueeze(%w, %axes_1)
        %y = Conv(%y_1, %y_2)
        %y_4 = Squeeze(%y, %axes_2)
        output "y" = %y_4`,
    },
    {
      name: 'the two-dimensional layer alone stands for the one of the source',
      before: `graph "g"
        input %x: float32[N,4,9]
        const %w: float32[2,4,3] = random 1
        %y = Conv(%x, %w) "conv" @[3 "conv" "Conv"]
        output "y" = %y`,
      after: `graph "g"
        input %x: float32[N,4,9]
        const %axes: int64[1] = [3]
        const %w: float32[2,4,3,1] = random 1
        const %back: int64[1] = [3]
        %y_1 = Unsqueeze(%x, %axes) "conv"
        %y = Conv(%y_1, %w) "conv" @[3 "conv" "Conv"]
        %y_3 = Squeeze(%y, %back) "conv"
        output "y" = %y_3`,
    },
  ],
  refusals: [
    {
      name: 'a two-dimensional Conv',
      graph: `graph "g"
        input %x: float32[N,4,9,1]
        const %w: float32[2,4,3,1] = random 1
        %y = Conv(%x, %w)
        output "y" = %y`,
      reason: 'not one-dimensional',
    },
  ],
});

describeRule([widenConv, mergeReshapes, sinkSqueeze], {
  rewrites: [
    {
      name: 'one-dimensional layers are two-dimensional between the first and the Flatten',
      before: `graph "g"
        input %x: float32[N,4,9]
        const %w: float32[4,4,3] = random 1
        const %f: float32[36,5] = random 2
        %a = Conv(%x, %w) {pads = [1,1]}
        %b = Relu(%a)
        %c = Conv(%b, %w) {pads = [1,1]}
        %d = Add(%b, %c)
        %e = Flatten(%d) {axis = 1}
        %y = MatMul(%e, %f)
        output "y" = %y`,
      after: `graph "g"
        input %x: float32[N,4,9]
        const %axes: int64[1] = [3]
        const %w: float32[4,4,3,1] = random 1
        const %w_1: float32[4,4,3,1] = random 1
        const %f: float32[36,5] = random 2
        %a_1 = Unsqueeze(%x, %axes)
        %a = Conv(%a_1, %w) {pads = [1,0,1,0]}
        %b = Relu(%a)
        %c = Conv(%b, %w_1) {pads = [1,0,1,0]}
        %d = Add(%b, %c)
        %e = Flatten(%d) {axis = 1}
        %y = MatMul(%e, %f)
        output "y" = %y`,
    },
  ],
});
