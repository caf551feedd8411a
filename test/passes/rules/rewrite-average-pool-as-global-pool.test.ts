import { rewriteAveragePoolAsGlobalPool } from '../../../src/passes/rules/rewrite-average-pool-as-global-pool.js';
import { describeRule } from '../../support/rules.js';

const otherOrder = { relative: 1e-6, because: 'the elements may be summed in another order' };

const rewritten = (name: string, attributes: string, input = 'float32[N,3,4,5]') => ({
  name,
  before: `graph "g"
    input %x: ${input}
    %y = AveragePool(%x) {${attributes}}
    output "y" = %y`,
  after: `graph "g"
    input %x: ${input}
    %y = GlobalAveragePool(%x)
    output "y" = %y`,
  exactness: otherOrder,
});

const refused = (name: string, attributes: string, input = 'float32[N,3,4,5]') => ({
  name,
  graph: `graph "g"
    input %x: ${input}
    %y = AveragePool(%x) {${attributes}}
    output "y" = %y`,
  reason: 'its window does not cover the whole map',
});

describeRule(rewriteAveragePoolAsGlobalPool, {
  rewrites: [
    rewritten('a window as large as the map', 'kernel_shape = [4,5], strides = [4,5]'),
    rewritten(
      'a window as large as the map that counts padding, of which there is none',
      'count_include_pad = 1, kernel_shape = [4,5]',
    ),
    rewritten('a window as large as the map and its padding', 'kernel_shape = [5,7], pads = [1,1,0,1]'),
    rewritten('a window over one axis', 'kernel_shape = [9], strides = [2]', 'float32[N,3,9]'),
  ],
  refusals: [
    refused('a smaller window', 'kernel_shape = [4,4]'),
    refused('several windows', 'kernel_shape = [4,5], pads = [0,1,0,0]'),
    refused('padding that counts', 'count_include_pad = 1, kernel_shape = [5,5], pads = [1,0,0,0]'),
    refused('a single window that leaves a rest', 'kernel_shape = [3,5], strides = [3,5]'),
    refused('a map of unknown size', 'kernel_shape = [4,5]', 'float32[N,3,4,W]'),
    refused('a window with gaps', 'dilations = [3,4], kernel_shape = [2,2]'),
    refused(
      'as many taps as rows, of which one meets padding',
      'dilations = [2], kernel_shape = [2], pads = [0,1]',
      'float32[N,3,2]',
    ),
  ],
});
