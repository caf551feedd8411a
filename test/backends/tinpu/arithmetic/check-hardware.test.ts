import { describe, expect, it } from 'vitest';
import { parseGraph } from '../../../../src/ir/text/parse.js';
import { checkHardware } from '../../../../src/backends/tinpu/arithmetic/check-hardware.js';
import { TINPU_OPERATORS } from '../../../../src/backends/tinpu/dialect.js';

const complaints = (text: string): string[] =>
  checkHardware(parseGraph(`graph "g"\n${text}`, TINPU_OPERATORS)).map(
    ({ node, message }) => `${node.name}: ${message}`,
  );

interface Constants {
  readonly bias?: string;
  readonly scale?: string;
  readonly shift?: string;
  readonly clip?: string;
}

const BNORM = ({
  bias = '8388607, -8388608',
  scale = '1, 1',
  shift = '0, 31',
  clip = 'lo = 0, hi = 255',
}: Constants): string => `
  const %bias: int32[2] = [${bias}]
  const %scale: int32[2] = [${scale}]
  const %shift: int32[2] = [${shift}]
  %y = q.Bnorm(%sum, %bias, %scale, %shift) {${clip}} "conv"
  output "y" = %y`;

const layer = (constants: Constants = {}): string => `input %x: uint8[N,3]
  const %w: int8[3,2] = [127, -127, 0, 1, 2, 3]
  %sum = q.MatMul(%x, %w)${BNORM(constants)}`;

const pool = (constants: Constants = {}): string => `input %x: uint8[N,2,2,2]
  const %w: int2[2,1,2,2] = splat 1
  %sum = q.Conv(%x, %w) {strides = [1, 1], pads = [0, 0, 0, 0], dilations = [1, 1], group = 2}${BNORM({
    bias: '32767, -32768',
    scale: '255, 0',
    ...constants,
  })}`;

/** A layer with weights of fewer bits, at the extremes of their range. */
const narrow = (dtype: 'int4' | 'int2', weights: string, constants: Constants = {}): string => `input %x: uint8[N,3]
  const %w: ${dtype}[3,2] = [${weights}]
  %sum = q.MatMul(%x, %w)${BNORM({ bias: '32767, -32768', scale: '255, 0', ...constants })}`;

const transposed = (constants: Constants = {}): string => `input %x: uint8[N,1,2,2]
  const %w: int8[1,2,2,2] = [127, -127, 0, 1, 2, 3, 4, 5]
  %sum = q.ConvTranspose(%x, %w) {strides = [2, 2], pads = [0, 0, 0, 0], dilations = [1, 1], group = 1, output_padding = [0, 0]}${BNORM(constants)}`;

/** A layer whose integers `readers` read, %y among their inputs. */
const residual = (readers: string, clip = 'lo = -512, hi = 511'): string =>
  layer({ clip }).replace('output "y" = %y', readers);

const input = ({
  bias = '0.5, -3.25',
  scale = '4095, -4095',
  shift = '0, 31',
  clip = 'lo = -128, hi = 127',
}: Constants): string =>
  `input %x: float32[N,2]
  const %bias: float32[1,2] = [${bias}]
  const %scale: float32[1,2] = [${scale}]
  const %shift: int32[1,2] = [${shift}]
  %y = q.InputNorm(%x, %bias, %scale, %shift) {${clip}} "norm"
  output "y" = %y`;

describe('checkHardware', () => {
  it('accepts the extremes of every width', () => {
    expect([layer(), pool(), transposed(), input({})].flatMap(complaints)).toEqual([]);
    expect(complaints(narrow('int4', '7, -7, 0, 1, 2, 3'))).toEqual([]);
    expect(complaints(narrow('int2', '1, -1, 0, 1, 0, -1'))).toEqual([]);
  });

  it('accepts 10 bits that only residual sums read', () => {
    const sums = `%s = q.Add(%y, %y) {lo = -128, hi = 127}
      input %r: uint8[N,2]
      %t = q.Add(%r, %y) {lo = 0, hi = 255}
      output "s" = %s
      output "t" = %t`;
    expect(complaints(residual(sums))).toEqual([]);
  });

  it('accepts any bounds of a q.Clip, which runs on the CPU', () => {
    expect(complaints(`input %x: int8[N]\n%y = q.Clip(%x) {lo = -5, hi = 6}\noutput "y" = %y`)).toEqual([]);
  });

  const WIDE = 'conv: clip range -512…511 is not that of an 8-, 4- or 2-bit integer';
  it.each([
    ['beside a sum is a graph output', '%s = q.Add(%y, %y) {lo = 0, hi = 255}\noutput "s" = %s\noutput "y" = %y', WIDE],
    [
      'beside a sum is clipped',
      '%s = q.Add(%y, %y) {lo = 0, hi = 255}\n%c = q.Clip(%y) {lo = 0, hi = 255}\noutput "s" = %s\noutput "c" = %c',
      WIDE,
    ],
    [
      'is rearranged before the sum',
      '%f = Flatten(%y) {axis = 1}\n%s = q.Add(%f, %f) {lo = 0, hi = 255}\noutput "s" = %s',
      WIDE,
    ],
  ])('names 10 bits of which one reader %s', (_, readers, sentence) => {
    expect(complaints(residual(readers))).toEqual([sentence]);
  });

  it('names another range before a residual sum, and that of the sum', () => {
    expect(
      complaints(residual('%s = q.Add(%y, %y) {lo = -129, hi = 127} "sum"\noutput "s" = %s', 'lo = -512, hi = 512')),
    ).toEqual([
      'conv: clip range -512…512 is not that of an 8-, 4- or 2-bit integer',
      'sum: clip range -129…127 is not that of an 8-, 4- or 2-bit integer',
    ]);
  });

  it.each([
    ['int8', '-128', 'weight -128 at 4 is not in -127 … 127, 8 bits'],
    ['int4', '-8', 'weight -8 at 4 is not in -7 … 7, 4 bits'],
    ['int2', '-2', 'weight -2 at 4 is not in -1 … 1, 2 bits'],
  ])('names a weight of %s that is %s', (dtype, weight, sentence) => {
    const text = `input %x: uint8[N,3]
      const %w: ${dtype}[3,2] = [1, 0, -1, 1, ${weight}, 1]
      %sum = q.MatMul(%x, %w) "fc"${BNORM({ bias: '0, 0' })}`;
    expect(complaints(text)).toEqual([`fc: ${sentence}`]);
  });

  it('names weights that are computed by the model', () => {
    const text = `input %x: uint8[N,3]\ninput %w: int8[3,2]\n%sum = q.MatMul(%x, %w) "fc"\noutput "s" = %sum`;
    expect(complaints(text)).toEqual(['fc: the weights are not constant']);
  });

  it.each([
    ['lo = -128, hi = 127'],
    ['lo = 0, hi = 255'],
    ['lo = -8, hi = 7'],
    ['lo = 0, hi = 15'],
    ['lo = -2, hi = 1'],
    ['lo = 0, hi = 3'],
  ])('accepts the range %s', (clip) => {
    expect([layer({ clip }), input({ clip })].flatMap(complaints)).toEqual([]);
  });

  it.each([
    [
      'a bias above 24 bits',
      layer({ bias: '0, 8388608' }),
      'conv: bias 8388608 of channel 1 is not an integer in -8388608 … 8388607',
    ],
    [
      'a bias below 24 bits',
      layer({ bias: '-8388609, 0' }),
      'conv: bias -8388609 of channel 0 is not an integer in -8388608 … 8388607',
    ],
    ['a scale beside 8-bit weights', layer({ scale: '1, 2' }), 'conv: scale 2 of channel 1 is not an integer in 1 … 1'],
    [
      'a scale of 0 beside 8-bit weights',
      layer({ scale: '0, 1' }),
      'conv: scale 0 of channel 0 is not an integer in 1 … 1',
    ],
    [
      'a scale beside 8-bit weights that are all 1, as those of a pool are',
      pool({ bias: '0, 0', scale: '2, 1' }).replace('int2', 'int8'),
      'conv: scale 2 of channel 0 is not an integer in 1 … 1',
    ],
    [
      'a bias beside 4-bit weights above 16 bits',
      narrow('int4', '7, -7, 0, 1, 2, 3', { bias: '0, 32768' }),
      'conv: bias 32768 of channel 1 is not an integer in -32768 … 32767',
    ],
    [
      'a scale beside 2-bit weights above 8 bits',
      narrow('int2', '1, -1, 0, 1, 0, -1', { scale: '256, 1' }),
      'conv: scale 256 of channel 0 is not an integer in 0 … 255',
    ],
    [
      'a bias of a transposed convolution above 24 bits',
      transposed({ bias: '0, 8388608' }),
      'conv: bias 8388608 of channel 1 is not an integer in -8388608 … 8388607',
    ],
    ['a negative shift', layer({ shift: '0, -1' }), 'conv: shift -1 of channel 1 is not an integer in 0 … 31'],
    ['a shift of 32', layer({ shift: '32, 0' }), 'conv: shift 32 of channel 0 is not an integer in 0 … 31'],
    [
      'a range of 9 bits',
      layer({ clip: 'lo = -256, hi = 255' }),
      'conv: clip range -256…255 is not that of an 8-, 4- or 2-bit integer',
    ],
    [
      'a bias of a pool above 16 bits',
      pool({ bias: '0, 32768' }),
      'conv: bias 32768 of channel 1 is not an integer in -32768 … 32767',
    ],
    [
      'a scale of a pool above 8 bits',
      pool({ scale: '256, 0' }),
      'conv: scale 256 of channel 0 is not an integer in 0 … 255',
    ],
    [
      'a negative scale of a pool',
      pool({ scale: '1, -1' }),
      'conv: scale -1 of channel 1 is not an integer in 0 … 255',
    ],
    [
      'an infinite bias of the input',
      input({ bias: '0, inf' }),
      'norm: the values are so large, or so small, that the constants of the input sequence overflow',
    ],
    [
      'an input multiplier above 12 bits',
      input({ scale: '4096, 1' }),
      'norm: input multiplier 4096 of channel 0 is not an integer in -4095 … 4095',
    ],
    [
      'an input multiplier that is a fraction',
      input({ scale: '1, 0.5' }),
      'norm: input multiplier 0.5 of channel 1 is not an integer in -4095 … 4095',
    ],
    ['an input shift of 32', input({ shift: '0, 32' }), 'norm: shift 32 of channel 1 is not an integer in 0 … 31'],
    [
      'an input range of 9 bits',
      input({ clip: 'lo = 0, hi = 127' }),
      'norm: clip range 0…127 is not that of an 8-, 4- or 2-bit integer',
    ],
  ])('names %s', (_, graph, sentence) => {
    expect(complaints(graph)).toEqual([sentence]);
  });

  it('names an accumulator of more than 32 bits', () => {
    // 70000 · 127 · 255 exceeds 2^31 on one side only.
    expect(
      complaints(`input %x: uint8[N,70000]
        const %w: int8[70000,2] = splat 127
        %sum = q.MatMul(%x, %w)${BNORM({})}`),
    ).toEqual(['conv: the accumulator reaches 0 … 2266950000, 32 bits hold ±2147483647']);
  });

  it('names every constant that is computed by the model', () => {
    expect(
      complaints(`input %x: uint8[N,3]
        input %bias: int32[2]
        input %scale: int32[2]
        input %shift: int32[2]
        const %w: int8[3,2] = splat 1
        %sum = q.MatMul(%x, %w)
        %y = q.Bnorm(%sum, %bias, %scale, %shift) {lo = 0, hi = 255} "conv"
        output "y" = %y`),
    ).toEqual(['conv: the bias is not constant', 'conv: the scale is not constant', 'conv: the shift is not constant']);
  });

  it('lists all that one node breaks', () => {
    expect(
      complaints(layer({ bias: '0, 8388608', scale: '3, 1', shift: '40, 0', clip: 'lo = 0, hi = 1' })),
    ).toHaveLength(4);
  });
});
