import { swapSpatialAxes } from '../../../../src/backends/tinpu/legalise/swap-spatial-axes.js';
import { INT8_FEEDS, integers, requantisedConvolution } from '../../../support/requantised-convolution.js';
import { describeRule } from '../../../support/rules.js';
import { TINPU_RULES } from '../../../support/tinpu-rules.js';

interface Swap {
  readonly x: string;
  readonly weight: string;
  readonly y: string;
  readonly pads: string;
  readonly group?: number;
}

const swapped = (name: string, before: Swap, after: Swap) => ({
  name,
  before: requantisedConvolution(before),
  after: `graph "g"
    input %x: int8[${before.x}]
    const %w: ${after.weight}
    const %bias: int32[4] = *
    const %one: int32[1] = [1]
    const %shift: int32[1] = [5]
    %"y/input_swapped": int8[${after.x}] = Transpose(%x) {perm = [0, 1, 3, 2]} "relu"
    %sum_1: int32[${after.y}] = q.Conv(%"y/input_swapped", %w) {strides = [1, 1], pads = ${after.pads}, dilations = [1, 1], group = ${after.group ?? 1}} "conv" @[1 "conv" "Conv"]
    %"y/swapped": int8[${after.y}]<0.5 s8> = q.Bnorm(%sum_1, %bias, %one, %shift) {lo = -128, hi = 127} "relu" @[1 "conv" "Conv", 2 "relu" "Relu"]
    %y: int8[${before.y}]<0.5 s8> = Transpose(%"y/swapped") {perm = [0, 1, 3, 2]} "relu"
    output "y" = %y`,
  feeds: INT8_FEEDS,
});

const refused = (name: string, layer: Swap & { readonly dilations?: string }, reason: string) => ({
  name,
  graph: requantisedConvolution(layer),
  reason,
});

/** The weights of nine rows of three columns. */
const TURNED = Array.from({ length: 9 }, (_, row) => [row + 1, 20 - row, -row]);

describeRule(
  swapSpatialAxes('strict'),
  {
    rewrites: [
      // A kernel of one column holds its elements in the same order as a row.
      swapped(
        'nine rows over a column lie down',
        { x: 'N,4,20,1', weight: `int8[4,4,9,1] = ${integers(4, 144, 9)}`, y: 'N,4,17,1', pads: '[3, 0, 2, 0]' },
        { x: 'N,4,1,20', weight: `int8[4,4,1,9] = ${integers(4, 144, 9)}`, y: 'N,4,1,17', pads: '[0, 3, 0, 2]' },
      ),
      swapped(
        'nine columns over a row stand up, channel by channel',
        {
          x: 'N,4,1,20',
          weight: `int8[4,1,1,9] = ${integers(4, 36, 30)}`,
          y: 'N,4,1,14',
          pads: '[0, 0, 0, 2]',
          group: 4,
        },
        {
          x: 'N,4,20,1',
          weight: `int8[4,1,9,1] = ${integers(4, 36, 30)}`,
          y: 'N,4,14,1',
          pads: '[0, 0, 2, 0]',
          group: 4,
        },
      ),
      swapped(
        'a kernel of rows and columns is transposed',
        {
          x: 'N,4,20,1',
          weight: `int8[4,4,9,3] = [${Array.from({ length: 16 }, () => TURNED.flat()).join(', ')}]`,
          y: 'N,4,12,1',
          pads: '[0, 2, 0, 0]',
        },
        {
          x: 'N,4,1,20',
          weight: `int8[4,4,3,9] = [${Array.from({ length: 16 }, () => [0, 1, 2].map((column) => TURNED.map((row) => row[column]))).join(', ')}]`,
          y: 'N,4,1,12',
          pads: '[2, 0, 0, 0]',
        },
      ),
    ],
    refusals: [
      refused(
        'a map of two columns, which would be copied',
        { x: 'N,4,20,2', weight: 'int8[4,4,9,1] = splat 1', y: 'N,4,12,2', pads: '[0, 0, 0, 0]' },
        'no equal form meets the rules: kernel height 9, at most 7',
      ),
      refused(
        'a column whose result has two',
        { x: 'N,4,20,1', weight: 'int8[4,4,9,1] = splat 1', y: 'N,4,12,2', pads: '[0, 1, 0, 0]' },
        'no equal form meets the rules: kernel height 9, at most 7',
      ),
      refused(
        'a kernel that is short enough',
        { x: 'N,4,20,1', weight: 'int8[4,4,7,1] = splat 1', y: 'N,4,14,1', pads: '[0, 0, 0, 0]' },
        'the layer meets the rules',
      ),
    ],
  },
  TINPU_RULES,
);
