import { describe, expect, it } from 'vitest';
import { parseGraph } from '../../../../src/ir/text/parse.js';
import { TINPU_OPERATORS } from '../../../../src/backends/tinpu/dialect.js';
import { dataInputs } from '../../../../src/backends/split/data-inputs.js';
import { integerForm } from '../../../../src/backends/tinpu/split/integer-form.js';

const CONSTANTS = `
  input %x: float32[N,4,6,6]
  input %z: float32[N,4,6,6]
  input %row: float32[N,4]
  input %wide: float32[N,2,H,W]
  input %double: float64[N,4]
  input %whole: int64[N,4]
  input %bound: float32[]
  input %kernel: float32[4,4,1,1]
  input %fill: float32[]
  const %k: float32[4,4,1,1] = random 1
  const %t: float32[4,2,2,2] = random 2
  const %m: float32[4,3] = random 4
  const %b: float32[4] = random 5
  const %nan: float32[4] = [0, nan, 0, 0]
  const %inf: float32[4,1,1] = [inf, 0, 0, 0]
  const %c: float32[4,1,1] = random 6
  const %part: float32[1,4,6,6] = random 7
  const %zero: float32[] = [0]
  const %one: float32[] = [1]
  const %pads: int64[8] = [0, 0, 1, 1, 0, 0, 1, 1]
  const %scales: float32[4] = [1, 1, 2, 2]
  const %roi: float32[8] = [0, 0, 0, 0, 1, 1, 1, 1]
  const %shape: int64[2] = [0, -1]
  const %axes: int64[1] = [2]
  const %starts: int64[1] = [1]
  const %index: int64[2] = [0, 2]
  const %repeats: int64[4] = [1, 2, 1, 1]
  const %grown: int64[5] = [3, 1, 4, 6, 6]`;

/** The form of the last node: its kind, for float with the reason. */
function formOf(call: string, results = '%y'): string {
  const graph = parseGraph(`graph "g"${CONSTANTS}\n${results} = ${call}\noutput "y" = %y`, TINPU_OPERATORS);
  const node = graph.nodes.at(-1);
  if (node === undefined) throw new Error('no node');
  const form = integerForm(node);
  return form.kind === 'float' ? `float: ${form.reason}` : form.kind;
}

describe('integerForm', () => {
  it.each([
    ['layer', 'Conv(%x, %k)'],
    ['layer', 'Conv(%x, %k, %b)'],
    ['layer', 'ConvTranspose(%x, %t)'],
    ['layer', 'Gemm(%row, %m)'],
    // Weights that are no numbers are an obstacle, wherever the layer would run.
    ['layer', 'Conv(%x, %k, %nan)'],
    ['pool', 'GlobalAveragePool(%x)'],
    ['pool', 'AveragePool(%x) {kernel_shape = [2, 3]}'],
    ['pool', 'AveragePool(%x) {kernel_shape = [2, 2], pads = [1, 1, 0, 0], count_include_pad = 1}'],
    ['add', 'Add(%x, %z)'],
    ['add', 'Add(%x, %x)'],
    ['add', 'Add(%x, %c)'],
    ['add', 'Add(%c, %x)'],
    ['clip', 'Clip(%x, %zero)'],
    ['clip', 'Clip(%x, %zero, %one)'],
    ['clip', 'Clip(%x, _, %one)'],
  ])('is %s for %s', (kind, call) => expect(formOf(call)).toBe(kind));

  it.each([
    'Flatten(%x) {axis = 1}',
    'Reshape(%x, %shape)',
    'Transpose(%x) {perm = [0, 2, 3, 1]}',
    'Unsqueeze(%x, %axes)',
    'Concat(%x, %z) {axis = -1}',
    'Slice(%x, %starts, %axes, %axes)',
    'Pad(%x, %pads)',
    'Pad(%x, %pads, %zero)',
    'Pad(%x, %pads, %one) {mode = "reflect"}',
    'Pad(%x, %pads) {mode = "edge"}',
    'Gather(%x, %index) {axis = 1}',
    'Expand(%x, %grown)',
    'Tile(%x, %repeats)',
    'DepthToSpace(%x) {blocksize = 2}',
    'SpaceToDepth(%x) {blocksize = 2}',
    'Resize(%x, _, %scales)',
    'Resize(%x, _, %scales) {mode = "nearest", coordinate_transformation_mode = "asymmetric", nearest_mode = "floor"}',
    'MaxPool(%x) {kernel_shape = [2, 2], pads = [1, 1, 1, 1]}',
    'GlobalMaxPool(%x)',
    'Max(%x, %z)',
    'Min(%x, %z)',
    'ReduceMax(%x, %axes)',
    'ReduceMin(%x, %axes)',
  ])('is mover for %s', (call) => expect(formOf(call)).toBe('mover'));

  it.each([
    ['Conv(%x, %kernel)', 'the weights are computed by the model'],
    ['Conv(%part, %kernel)', 'the weights are computed by the model'],
    ['Gemm(%row, %m, %bound)', 'the weights are computed by the model'],
    ['GlobalAveragePool(%wide)', 'the map that is averaged has no known size'],
    ['AveragePool(%x) {kernel_shape = [2, 2], dilations = [2, 2]}', 'AveragePool with dilations'],
    ['AveragePool(%x) {kernel_shape = [2, 2], pads = [1, 1, 0, 0]}', 'AveragePool divides by another area'],
    ['AveragePool(%x) {kernel_shape = [4, 4], strides = [3, 3], ceil_mode = 1}', 'AveragePool divides by another area'],
    ['Add(%x, %inf)', 'a constant holds NaN or infinite values'],
    ['Clip(%x, %bound)', 'the bounds are computed by the model'],
    ['Pad(%x, %pads, %one)', 'Pad fills with 1, integers with 0'],
    ['Pad(%x, %pads, %fill)', 'Pad fills with a computed value, integers with 0'],
    ['Concat(%x, %part) {axis = 0}', 'Concat takes in a constant'],
    ['Max(%x, %c)', 'Max takes in a constant'],
    ['Min(%c, %x)', 'Min takes in a constant'],
    ['Resize(%x, _, %scales) {mode = "linear"}', 'Resize interpolates, or crops'],
    ['Resize(%x, _, %scales) {mode = "cubic"}', 'Resize interpolates, or crops'],
    [
      'Resize(%x, %roi, %scales) {coordinate_transformation_mode = "tf_crop_and_resize"}',
      'Resize interpolates, or crops',
    ],
    ['Sigmoid(%x)', 'Sigmoid has no integer form'],
    ['Mul(%x, %z)', 'Mul has no integer form'],
    ['BatchNormalization(%x, %b, %b, %b, %b)', 'BatchNormalization has no integer form'],
    ['Add(%c, %part)', 'Add reads no real numbers'],
    ['Gather(%part, %whole)', 'Gather reads no real numbers'],
    ['Flatten(%double)', 'Flatten computes no real numbers'],
    ['Add(%whole, %whole)', 'Add computes no real numbers'],
    ['Shape(%x)', 'Shape computes no real numbers'],
  ])('is float for %s', (call, reason) => expect(formOf(call)).toMatch(new RegExp(`^float: ${reason}`)));

  it('is float for layers of other ranks', () => {
    const text = 'input %v: float32[N,4,9]\nconst %k: float32[4,4,1] = random 1\n%y = Conv(%v, %k)\noutput "y" = %y';
    const [node] = parseGraph(`graph "g"\n${text}`, TINPU_OPERATORS).nodes;
    expect(node && integerForm(node)).toEqual({ kind: 'float', reason: 'Conv of a rank-3 tensor' });
  });

  it('is float for a MaxPool that returns indices as well', () => {
    expect(formOf('MaxPool(%x) {kernel_shape = [2, 2]}', '%y, %i')).toBe('float: MaxPool returns indices as well');
  });
});

describe('dataInputs', () => {
  it('leaves out constants and integers that say how', () => {
    const graph = parseGraph(
      `graph "g"${CONSTANTS}
       input %size: int64[2]
       %y = Reshape(%row, %size)
       %a = Add(%y, %row)
       %s = Conv(%x, %k, %b)
       output "a" = %a
       output "s" = %s`,
      TINPU_OPERATORS,
    );
    expect(graph.nodes.map((node) => dataInputs(node).map(({ name }) => name))).toEqual([['row'], ['y', 'row'], ['x']]);
  });
});
