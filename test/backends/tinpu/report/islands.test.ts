import { describe, expect, it } from 'vitest';
import { TINPU_OPERATORS } from '../../../../src/backends/tinpu/dialect.js';
import { islandReason, summariseIslands, type Island } from '../../../../src/backends/report/islands.js';
import { islandsOf } from '../../../../src/backends/tinpu/report/islands.js';
import { parseGraph } from '../../../../src/ir/text/parse.js';

/** Integers %i and %j, and what is made of them. */
const islandsIn = (lines: string): Island[] =>
  islandsOf(
    parseGraph(
      `graph "g"
      input %x: float32[1,4]
      const %half: float32[] = [0.5]
      const %one: float32[] = [1]
      const %none: int32[] = [0]
      const %two: float32[4] = splat 2
      const %shape: int64[2] = [2, 2]
      %i: int8[1,4]<1 s8> = q.InputNorm(%x, %half, %one, %none) {lo = -128, hi = 127}
      %j: int8[1,4]<1 s8> = q.Clip(%i) {lo = 0, hi = 100}
      %a = q.Dequantize(%i) {scale = 1.0}
      %b = q.Dequantize(%j) {scale = 1.0}
      ${lines}`,
      TINPU_OPERATORS,
    ),
  );

const inWords = (islands: readonly Island[]): unknown[] =>
  islands.map(({ number, nodes, dequantised, quantised }) => [
    number,
    nodes.map(({ op }) => op).join(),
    [...dequantised].map(({ name }) => name).join(),
    [...quantised].map(({ name }) => name).join(),
  ]);

const NORM = '{lo = -128, hi = 127}';

describe('islandsOf', () => {
  it('finds operators that pass real numbers to one another, with what they read and write', () => {
    const islands = islandsIn(`%s = Softmax(%a)
      %e = Exp(%s)
      %q: int8[1,4]<1 s8> = q.InputNorm(%e, %half, %one, %none) ${NORM}
      output "q" = %q`);
    expect(inWords(islands)).toEqual([[1, 'Softmax,Exp', 'a', 'e']]);
  });

  it('keeps islands without a common tensor apart, in order of their first operators', () => {
    const islands = islandsIn(`%s = Sigmoid(%b)
      %t = Tanh(%a)
      %u = Exp(%s)
      output "t" = %t
      output "u" = %u`);
    expect(inWords(islands)).toEqual([
      [1, 'Sigmoid,Exp', 'b', ''],
      [2, 'Tanh', 'a', ''],
    ]);
  });

  it('is one island where a later operator joins two', () => {
    const islands = islandsIn(`%s = Sigmoid(%b)
      %t = Tanh(%a)
      %u = Mul(%s, %t)
      output "u" = %u`);
    expect(inWords(islands)).toEqual([[1, 'Sigmoid,Tanh,Mul', 'b,a', '']]);
  });

  it('is held together by operators that only move elements, which are none by themselves', () => {
    const held = islandsIn(`%s = Sigmoid(%a)
      %r = Reshape(%s, %shape)
      %t = Exp(%r)
      output "t" = %t`);
    expect(inWords(held)).toEqual([[1, 'Sigmoid,Exp', 'a', '']]);
    const moved = islandsIn(`%r = Reshape(%a, %shape)
      output "r" = %r`);
    expect(moved).toEqual([]);
  });

  it('leaves operators on integers out', () => {
    const none = islandsIn(`%m = Max(%i, %j)
      output "m" = %m`);
    expect(none).toEqual([]);
  });
});

describe('islandReason', () => {
  it('says where an island lies', () => {
    const [island] = islandsIn(`%s = Sigmoid(%a)
      output "s" = %s`);
    const values = [...(island?.dequantised ?? [])];
    const reason = (reads: boolean, writes: boolean): string =>
      islandReason({ dequantised: new Set(reads ? values : []), quantised: new Set(writes ? values : []) });
    expect(reason(true, true)).toMatch(/between a dequantise and a quantise$/);
    expect(reason(true, false)).toMatch(/behind a dequantise$/);
    expect(reason(false, true)).toMatch(/in front of a quantise$/);
    expect(reason(false, false)).toMatch(/runs on the CPU$/);
  });
});

describe('summariseIslands', () => {
  it('counts what is dequantised and quantised', () => {
    const islands = islandsIn(`%s = Mul(%a, %b)
      %t = Mul(%s, %a)
      %q: int8[1,4]<1 s8> = q.InputNorm(%t, %half, %one, %none) ${NORM}
      output "q" = %q
      output "s" = %s`);
    expect(summariseIslands(islands)).toEqual([{ number: 1, operators: ['Mul', 'Mul'], boundaries: 3 }]);
  });
});
