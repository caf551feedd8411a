import { dropIdlePool } from '../../../src/passes/rules/drop-idle-pool.js';
import { describeRule } from '../../support/rules.js';

const dropped = (name: string, layer: string, input: string) => ({
  name,
  before: `graph "g"
    input %x: ${input}
    %p = ${layer}
    %y = Neg(%p)
    output "y" = %y`,
  after: `graph "g"
    input %x: ${input}
    %y = Neg(%x)
    output "y" = %y`,
});

const refused = (name: string, layer: string, reason: string) => ({
  name,
  graph: `graph "g"
    input %x: float32[N,3,4,4]
    ${layer}
    output "y" = %y`,
  reason,
});

describeRule(dropIdlePool, {
  rewrites: [
    dropped('GlobalAveragePool of single elements', 'GlobalAveragePool(%x)', 'float32[N,3,1,1]'),
    dropped('GlobalMaxPool of single elements', 'GlobalMaxPool(%x)', 'float32[N,3,1]'),
    dropped('MaxPool of single elements', 'MaxPool(%x) {kernel_shape = [1,1]}', 'float32[N,3,4,W]'),
    dropped(
      'AveragePool of single elements',
      'AveragePool(%x) {kernel_shape = [1,1], strides = [1,1]}',
      'float32[N,3,4,5]',
    ),
    dropped(
      'MaxPool of a single element, whatever the strides',
      'MaxPool(%x) {kernel_shape = [1,1], strides = [2,3]}',
      'float32[N,3,1,1]',
    ),
  ],
  refusals: [
    refused(
      'a pool that skips elements',
      '%y = MaxPool(%x) {kernel_shape = [1,1], strides = [2,2]}',
      'more than one element',
    ),
    refused(
      'a pool of several elements that keeps the size',
      '%y = MaxPool(%x) {kernel_shape = [3,1], pads = [1,0,1,0]}',
      'more than one element',
    ),
    refused('a pool of several elements', '%y = MaxPool(%x) {kernel_shape = [1,2]}', 'more than one element'),
    refused('a global pool of a map', '%y = GlobalAveragePool(%x)', 'more than one element'),
    refused(
      'the places of the maxima',
      '%y, %i = MaxPool(%x) {kernel_shape = [1,1]}\noutput "i" = %i',
      'the places of the maxima',
    ),
  ],
});
