import { spellOutWindow } from '../../../src/passes/rules/spell-out-window.js';
import { describeRule } from '../../support/rules.js';

/** A layer on [N, 2, 7, 8] before and after; `shape` where the spatial sizes matter. */
const spelt = (name: string, before: string, after: string, input = 'float32[N,2,7,8]') => ({
  name,
  before: `graph "g"
    input %x: ${input}
    const %w: float32[2,2,3,2] = random 1
    %y = ${before}
    output "y" = %y`,
  after: `graph "g"
    input %x: ${input}
    const %w: float32[2,2,3,2] = random 1
    %y = ${after}
    output "y" = %y`,
});
const pool = (name: string, before: string, after: string, input?: string) => {
  const { before: text, after: wanted, ...rest } = spelt(name, before, after, input);
  const drop = (graph: string): string => graph.replace(/const %w.*\n/, '');
  return { ...rest, before: drop(text), after: drop(wanted) };
};

describeRule(spellOutWindow, {
  rewrites: [
    spelt(
      'Conv without attributes',
      'Conv(%x, %w)',
      'Conv(%x, %w) {dilations = [1,1], group = 1, kernel_shape = [3,2], pads = [0,0,0,0], strides = [1,1]}',
    ),
    spelt(
      'Conv with SAME_UPPER',
      'Conv(%x, %w) {auto_pad = "SAME_UPPER", strides = [2,1]}',
      'Conv(%x, %w) {dilations = [1,1], group = 1, kernel_shape = [3,2], pads = [1,0,1,1], strides = [2,1]}',
    ),
    spelt(
      'Conv with SAME_LOWER and a dilation',
      'Conv(%x, %w) {auto_pad = "SAME_LOWER", dilations = [1,3]}',
      'Conv(%x, %w) {dilations = [1,3], group = 1, kernel_shape = [3,2], pads = [1,2,1,1], strides = [1,1]}',
    ),
    spelt(
      'Conv with VALID',
      'Conv(%x, %w) {auto_pad = "VALID", group = 1}',
      'Conv(%x, %w) {dilations = [1,1], group = 1, kernel_shape = [3,2], pads = [0,0,0,0], strides = [1,1]}',
    ),
    {
      ...spelt(
        'Conv with SAME_UPPER that unknown sizes do not matter to',
        'Conv(%x, %w) {auto_pad = "SAME_UPPER"}',
        'Conv(%x, %w) {dilations = [1,1], group = 1, kernel_shape = [3,2], pads = [1,0,1,1], strides = [1,1]}',
        'float32[N,2,H,W]',
      ),
      feeds: { sizes: { H: [5, 6, 7], W: [4, 5, 6] } },
    },
    spelt(
      'ConvTranspose with output padding that pads take up',
      'ConvTranspose(%x, %w) {output_padding = [1,0], pads = [1,0,2,0], strides = [2,2]}',
      'ConvTranspose(%x, %w) {dilations = [1,1], group = 1, kernel_shape = [3,2], pads = [1,0,1,0], strides = [2,2]}',
    ),
    spelt(
      'ConvTranspose of a stated size',
      'ConvTranspose(%x, %w) {output_shape = [15,16], strides = [2,2]}',
      'ConvTranspose(%x, %w) {dilations = [1,1], group = 1, kernel_shape = [3,2], pads = [0,0,0,0], strides = [2,2]}',
    ),
    spelt(
      'ConvTranspose of a stated size beyond its windows',
      'ConvTranspose(%x, %w) {output_shape = [16,14], strides = [2,2]}',
      `ConvTranspose(%x, %w) {
        dilations = [1,1], group = 1, kernel_shape = [3,2], output_padding = [1,0], pads = [0,1,0,1], strides = [2,2]}`,
    ),
    pool(
      'MaxPool with ceil_mode that adds a window',
      'MaxPool(%x) {ceil_mode = 1, kernel_shape = [2,2], strides = [2,2]}',
      'MaxPool(%x) {kernel_shape = [2,2], pads = [0,0,1,0], strides = [2,2]}',
    ),
    pool(
      'MaxPool with ceil_mode without effect',
      'MaxPool(%x) {ceil_mode = 1, kernel_shape = [3,2], strides = [2,2], storage_order = 1}',
      'MaxPool(%x) {kernel_shape = [3,2], pads = [0,0,0,0], strides = [2,2]}',
    ),
    pool(
      'MaxPool with a dilation',
      'MaxPool(%x) {dilations = [2,1], kernel_shape = [3,2]}',
      'MaxPool(%x) {dilations = [2,1], kernel_shape = [3,2], pads = [0,0,0,0], strides = [1,1]}',
    ),
    pool(
      'AveragePool with ceil_mode that counts no padding',
      'AveragePool(%x) {ceil_mode = 1, count_include_pad = 1, kernel_shape = [2,3], strides = [2,3]}',
      'AveragePool(%x) {kernel_shape = [2,3], pads = [0,0,1,1], strides = [2,3]}',
    ),
    pool(
      'AveragePool with SAME_UPPER',
      'AveragePool(%x) {auto_pad = "SAME_UPPER", kernel_shape = [3,3], strides = [2,2]}',
      'AveragePool(%x) {kernel_shape = [3,3], pads = [1,0,1,1], strides = [2,2]}',
    ),
    pool(
      'AveragePool that counts padding',
      'AveragePool(%x) {count_include_pad = 1, kernel_shape = [3,3], pads = [1,1,1,1], dilations = [1,1]}',
      'AveragePool(%x) {count_include_pad = 1, kernel_shape = [3,3], pads = [1,1,1,1], strides = [1,1]}',
    ),
    pool(
      'LpPool',
      'LpPool(%x) {kernel_shape = [3,3], p = 1}',
      'LpPool(%x) {kernel_shape = [3,3], p = 1, pads = [0,0,0,0], strides = [1,1]}',
    ),
  ],
  refusals: [
    {
      name: 'auto_pad that depends on unknown sizes',
      graph: `graph "g"
        input %x: float32[N,2,H,W]
        const %w: float32[2,2,3,3] = random 1
        %y = Conv(%x, %w) {auto_pad = "SAME_UPPER", strides = [2,2]}
        output "y" = %y`,
      reason: 'auto_pad depends on sizes that are not known',
    },
    {
      name: 'a stated size with unknown sizes',
      graph: `graph "g"
        input %x: float32[N,2,H,W]
        const %w: float32[2,2,3,3] = random 1
        %y = ConvTranspose(%x, %w) {output_shape = [10,10], strides = [2,2]}
        output "y" = %y`,
      reason: 'its pads depend on sizes that are not known',
    },
    {
      name: 'a kernel of unknown size',
      graph: `graph "g"
        input %x: float32[N,2,9,9]
        input %w: float32[2,2,K,K]
        %y = Conv(%x, %w)
        output "y" = %y`,
      reason: 'the size of its kernel is not known',
    },
    {
      name: 'the places of the maxima',
      graph: `graph "g"
        input %x: float32[N,2,9,9]
        %y, %i = MaxPool(%x) {kernel_shape = [3,3]}
        output "y" = %y
        output "i" = %i`,
      reason: 'the places of the maxima',
    },
    {
      name: 'what is spelt out',
      graph: `graph "g"
        input %x: float32[N,2,9,9]
        %y = MaxPool(%x) {strides = [1,1], pads = [0,0,0,0], kernel_shape = [3,3]}
        output "y" = %y`,
      reason: 'it is spelt out',
    },
  ],
});

describeRule(spellOutWindow, {
  rewrites: [
    {
      name: 'AveragePool whose ceil_mode window would count padding keeps it',
      before: `graph "g"
        input %x: float32[N,2,7,7]
        %y = AveragePool(%x) {
          ceil_mode = 1, count_include_pad = 1, dilations = [1,1], kernel_shape = [3,3], pads = [1,1,0,0], strides = [2,2]}
        output "y" = %y`,
      after: `graph "g"
        input %x: float32[N,2,7,7]
        %y = AveragePool(%x) {
          ceil_mode = 1, count_include_pad = 1, kernel_shape = [3,3], pads = [1,1,0,0], strides = [2,2]}
        output "y" = %y`,
    },
  ],
});
