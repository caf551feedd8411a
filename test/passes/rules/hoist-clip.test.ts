import { hoistClip } from '../../../src/passes/rules/hoist-clip.js';
import { describeRule } from '../../support/rules.js';

/** A layer, an operator that moves its results, and the Clip behind it or between the two. */
const hoisted = (name: string, carrier: string, constants = '') => ({
  name,
  before: `graph "g"
    input %x: float32[N,4,6,6]
    const %lo: float32[] = [-0.25]
    const %hi: float32[] = [0.25]
    ${constants}
    const %w: float32[4,4,1,1] = random 9
    %l = Conv(%x, %w)
    %c = ${carrier.replace('#', '%l')}
    %y = Clip(%c, %lo, %hi)
    output "y" = %y`,
  after: `graph "g"
    input %x: float32[N,4,6,6]
    const %lo: float32[] = [-0.25]
    const %hi: float32[] = [0.25]
    ${constants}
    const %w: float32[4,4,1,1] = random 9
    %l = Conv(%x, %w)
    %y_1 = Clip(%l, %lo, %hi)
    %y = ${carrier.replace('#', '%y_1')}
    output "y" = %y`,
});

const refused = (name: string, body: string, reason: string) => ({
  name,
  graph: `graph "g"
    input %x: float32[N,4,6,6]
    const %zero: float32[] = [0]
    const %w: float32[4,4,1,1] = random 9
    %l = Conv(%x, %w)
    ${body}
    output "y" = %y`,
  reason,
});

describeRule(hoistClip, {
  rewrites: [
    hoisted('MaxPool', 'MaxPool(#) {kernel_shape = [2,2], strides = [2,2]}'),
    hoisted('MaxPool with padding', 'MaxPool(#) {kernel_shape = [3,3], pads = [1,1,1,1]}'),
    hoisted('MaxPool with padding and gaps', 'MaxPool(#) {dilations = [2,2], kernel_shape = [3,3], pads = [2,2,2,2]}'),
    hoisted('GlobalMaxPool', 'GlobalMaxPool(#)'),
    hoisted('Reshape', 'Reshape(#, %s)', 'const %s: int64[3] = [0, 4, -1]'),
    hoisted('Flatten', 'Flatten(#) {axis = 1}'),
    hoisted('Transpose', 'Transpose(#) {perm = [0,2,3,1]}'),
    hoisted('Unsqueeze', 'Unsqueeze(#, %s)', 'const %s: int64[1] = [1]'),
    hoisted('Slice', 'Slice(#, %a, %b, %a)', 'const %a: int64[1] = [1]\nconst %b: int64[1] = [3]'),
    hoisted('DepthToSpace', 'DepthToSpace(#) {blocksize = 2}'),
    hoisted('SpaceToDepth', 'SpaceToDepth(#) {blocksize = 3}'),
    {
      name: 'a chain of operators',
      before: `graph "g"
        input %x: float32[N,4,6,6]
        const %zero: float32[] = [0]
        const %six: float32[] = [6]
        %l = Neg(%x)
        %p = MaxPool(%l) {kernel_shape = [2,2]}
        %f = Flatten(%p)
        %y = Clip(%f, %zero, %six)
        output "y" = %y`,
      after: `graph "g"
        input %x: float32[N,4,6,6]
        const %zero: float32[] = [0]
        const %six: float32[] = [6]
        %l = Neg(%x)
        %y_1_1 = Clip(%l, %zero, %six)
        %y_1 = MaxPool(%y_1_1) {kernel_shape = [2,2]}
        %y = Flatten(%y_1)
        output "y" = %y`,
    },
    {
      name: 'Concat of layers',
      before: `graph "g"
        input %x: float32[N,4]
        const %zero: float32[] = [0]
        %a = Neg(%x)
        %b = Tanh(%x)
        %c = Concat(%a, %b) {axis = 1}
        %y = Clip(%c, %zero)
        output "y" = %y`,
      after: `graph "g"
        input %x: float32[N,4]
        const %zero: float32[] = [0]
        %a = Neg(%x)
        %b = Tanh(%x)
        %y_1 = Clip(%a, %zero)
        %y_2 = Clip(%b, %zero)
        %y = Concat(%y_1, %y_2) {axis = 1}
        output "y" = %y`,
    },
  ],
  refusals: [
    refused(
      'a layer that others read',
      '%c = MaxPool(%l) {kernel_shape = [2,2]}\n%y = Clip(%c, %zero)\noutput "l" = %l',
      'no layer of its own computes its data',
    ),
    refused(
      'a pool that others read',
      '%c = MaxPool(%l) {kernel_shape = [2,2]}\n%y = Clip(%c, %zero)\noutput "c" = %c',
      "'c' has other readers",
    ),
    refused(
      'a graph input',
      '%c = MaxPool(%x) {kernel_shape = [2,2]}\n%y = Clip(%c, %zero)\noutput "l" = %l',
      'no layer of its own computes its data',
    ),
    refused(
      'Concat with a graph input',
      '%c = Concat(%l, %x) {axis = 1}\n%y = Clip(%c, %zero)',
      'no layer of its own computes its data',
    ),
    refused(
      'windows whose gaps may jump over the data',
      `input %z: float32[N,1,L,3]\n%n = Neg(%z)
       %c = MaxPool(%n) {dilations = [4,1], kernel_shape = [2,1], pads = [2,0,2,0]}
       %y = Clip(%c, %zero)\noutput "l" = %l`,
      'a window may see nothing but padding',
    ),
    refused(
      'a window around a row that both its taps miss',
      `input %z: float32[N,1,1,3]\n%n = Neg(%z)
       %c = MaxPool(%n) {dilations = [2,1], kernel_shape = [2,1], pads = [1,0,1,0]}
       %y = Clip(%c, %zero)\noutput "l" = %l`,
      'a window may see nothing but padding',
    ),
    refused(
      'the Transpose of a preprocessed graph input',
      '%n = Neg(%x)\n%c = Transpose(%n) {perm = [0,2,3,1]}\n%y = Clip(%c, %zero)\noutput "l" = %l',
      'belongs to a graph input',
    ),
    refused(
      'the places of the maxima',
      '%c, %i = MaxPool(%l) {kernel_shape = [2,2]}\n%y = Clip(%c, %zero)\noutput "i" = %i',
      'the places of the maxima',
    ),
    refused(
      'bounds that are not constant',
      'input %lo: float32[]\n%c = Flatten(%l)\n%y = Clip(%c, %lo)',
      'its bounds are not constant',
    ),
    refused('a mean', '%c = GlobalAveragePool(%l)\n%y = Clip(%c, %zero)', 'GlobalAveragePool is not'),
  ],
});
