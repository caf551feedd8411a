import { describe, expect, it } from 'vitest';
import { parseGraph } from '../../../src/ir/text/parse.js';
import { TINPU_OPERATORS } from '../../../src/backends/tinpu/dialect.js';
import { peakActivationBytes } from '../../../src/backends/tinpu/memory.js';

const peakOf = (text: string): number => peakActivationBytes(parseGraph(`graph "g"\n${text}`, TINPU_OPERATORS));

const BNORM = (result: string, sum: string): string =>
  `%${result} = q.Bnorm(%${sum}, %none, %unit, %none) {lo = -128, hi = 127}`;
const CONSTANTS = `const %none: int32[1] = [0]
  const %unit: int32[1] = [1]`;

describe('peakActivationBytes', () => {
  it.each([
    ['an input that is delivered as it is', 'input %x: float32[N,5]\noutput "x" = %x', 20],
    ['an input that nothing reads', 'input %x: float32[N,5]\ninput %z: int8[N,3]\noutput "z" = %z', 23],
    [
      'float input beside its integers',
      `input %x: float32[N,10]
       ${CONSTANTS}
       const %zero: float32[] = [0]
       %q = q.InputNorm(%x, %zero, %zero, %none) {lo = -128, hi = 127}
       output "q" = %q`,
      40 + 10,
    ],
    [
      'a layer: its input and its result, no room for the accumulator',
      `input %x: int8[N,6]
       ${CONSTANTS}
       const %w: int8[6,4] = splat 1
       const %v: int8[4,3] = splat 1
       %s = q.MatMul(%x, %w)
       ${BNORM('y', 's')}
       %t = q.MatMul(%y, %v)
       ${BNORM('z', 't')}
       output "z" = %z`,
      6 + 4,
    ],
    [
      'a layer in the middle that is the widest',
      `input %x: int8[N,2]
       ${CONSTANTS}
       const %w: int8[2,9] = splat 1
       const %v: int8[9,8] = splat 1
       %s = q.MatMul(%x, %w)
       ${BNORM('y', 's')}
       %t = q.MatMul(%y, %v)
       ${BNORM('z', 't')}
       output "z" = %z`,
      9 + 8,
    ],
    [
      'a tensor that a later layer reads again',
      `input %x: int8[N,2]
       ${CONSTANTS}
       const %w: int8[2,9] = splat 1
       const %u: int8[9,8] = splat 1
       const %v: int8[2,7] = splat 1
       %s = q.MatMul(%x, %w)
       ${BNORM('y', 's')}
       %t = q.MatMul(%y, %u)
       ${BNORM('z', 't')}
       %r = q.MatMul(%x, %v)
       ${BNORM('q', 'r')}
       output "z" = %z
       output "q" = %q`,
      2 + 9 + 8,
    ],
    [
      'layouts that reuse their source, and a Transpose that does not',
      `input %x: int8[N,3,4]
       %f = Flatten(%x) {axis = 1}
       %u = Transpose(%x) {perm = [0, 2, 1]}
       output "f" = %f
       output "u" = %u`,
      12 + 12,
    ],
    [
      'MaxPool beside its source',
      `input %x: uint8[N,1,4,4]
       %m = MaxPool(%x) {kernel_shape = [2, 2], strides = [2, 2]}
       output "m" = %m`,
      16 + 4,
    ],
    [
      'a float function behind the integers',
      `input %x: int8[N,5]
       %r = q.Dequantize(%x) {scale = 0.5}
       %y = Softmax(%r) {axis = 1}
       output "y" = %y`,
      20 + 20,
    ],
    ['unknown sizes, of which one element is counted', 'input %x: int8[N,3,L]\n%y = Transpose(%x)\noutput "y" = %y', 6],
  ])('counts %s', (_, text, bytes) => {
    expect(peakOf(text)).toBe(bytes);
  });
});
