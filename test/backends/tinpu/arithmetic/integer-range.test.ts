import { describe, expect, it } from 'vitest';
import { TINPU_OPERATORS } from '../../../../src/backends/tinpu/dialect.js';
import { rangeOf } from '../../../../src/backends/tinpu/arithmetic/integer-range.js';
import { parseGraph } from '../../../../src/ir/text/parse.js';

/** Range of %y, the result of the last line. */
function range(lines: string): readonly [number, number] {
  const graph = parseGraph(
    `graph "g"
    input %s: int32[1,2,2,2]
    input %raw: uint8[1,2,2,2]
    const %b: int32[1] = [0]
    const %one: int32[1] = [1]
    const %some: int8[1,2,2,2] = splat -5
    const %mixed: int8[2] = [-3, 9]
    const %pads: int64[8] = [0, 0, 1, 1, 0, 0, 1, 1]
    const %seven: int8[] = [7]
    %u: int8[1,2,2,2]<1 s8> = q.Bnorm(%s, %b, %one, %b) {lo = 10, hi = 100}
    %v: int8[1,2,2,2]<1 s8> = q.Bnorm(%s, %b, %one, %b) {lo = -8, hi = 7}
    ${lines}
    output "y" = %y`,
    TINPU_OPERATORS,
  );
  const y = graph.outputs[0]?.value;
  if (y === undefined) throw new RangeError('no output');
  const { lo, hi } = rangeOf(y);
  return [lo, hi];
}

describe('rangeOf', () => {
  it.each([
    ['what the producer clips to', '%y: int8[1,2,2,2]<1 s8> = q.Bnorm(%s, %b, %one, %b) {lo = -2, hi = 1}', [-2, 1]],
    ['that of the type of an input', '%y = Flatten(%raw) {axis = 1}', [0, 255]],
    ['what a mover hands on', '%y = Transpose(%u) {perm = [0, 2, 3, 1]}', [10, 100]],
    [
      'what a chain of movers hands on',
      '%t = Transpose(%u) {perm = [0, 2, 3, 1]}\n%y = Flatten(%t) {axis = 1}',
      [10, 100],
    ],
    ['what a concatenation brings together', '%y = Concat(%u, %v) {axis = 1}', [-8, 100]],
    ['that of constants too', '%y = Concat(%u, %some) {axis = 1}', [-5, 100]],
    ['all elements of a constant', '%y = Flatten(%mixed) {axis = 0}', [-3, 9]],
    ['with the 0 of padding without a value', '%y = Pad(%u, %pads)', [0, 100]],
    ['with the value of padding', '%y = Pad(%u, %pads, %seven)', [7, 100]],
    ['without 0 where the padding repeats elements', '%y = Pad(%u, %pads) {mode = "edge"}', [10, 100]],
  ] as const)('is %s', (_, lines, expected) => {
    expect(range(lines)).toEqual(expected);
  });

  it('ends where two operators share a tensor', () => {
    // Every tensor is looked at once: 2^40 paths lead back to %u.
    const steps = Array.from({ length: 40 }, (_, i) => `%m${i + 1} = Max(%m${i}, %m${i})`);
    expect(range(['%m0 = Max(%u, %u)', ...steps, '%y = Max(%m40, %u)'].join('\n'))).toEqual([10, 100]);
  });
});
