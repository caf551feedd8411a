import { describe, expect, it } from 'vitest';
import type { Node } from '../../../../src/ir/graph.js';
import { OPERATORS } from '../../../../src/ir/ops/index.js';
import { parseGraph } from '../../../../src/ir/text/parse.js';
import { brokenConstants } from '../../../../src/backends/split/broken-constants.js';
import { arithmeticComplaint } from '../../../../src/backends/tinpu/split/complaints.js';

function lastNode(text: string): Node {
  const node = parseGraph(`graph "g"\n${text}`, OPERATORS).nodes.at(-1);
  if (node === undefined) throw new Error('no node');
  return node;
}

const gemm = (w: string, b: string): Node =>
  lastNode(
    `input %x: float32[N,2]\nconst %w: float32[2,1] = [1, ${w}]\nconst %b: float32[1] = [${b}]\n%y = Gemm(%x, %w, %b)\noutput "y" = %y`,
  );

describe('arithmeticComplaint', () => {
  it('accepts constant weights', () => {
    expect(arithmeticComplaint(gemm('2', '0'))).toBeUndefined();
  });

  it.each([
    ['input %w: float32[2,1]\n%y = Gemm(%x, %w)'],
    ['const %w: float32[2,1] = [1, 2]\ninput %b: float32[1]\n%y = Gemm(%x, %w, %b)'],
  ])('complains of weights and biases that the model computes', (text) => {
    expect(arithmeticComplaint(lastNode(`input %x: float32[N,2]\n${text}\noutput "y" = %y`))).toBe(
      'the weights are computed by the model',
    );
  });

  it('complains of means over maps of unknown size', () => {
    const pool = lastNode('input %x: float32[N,2,H,W]\n%y = GlobalAveragePool(%x)\noutput "y" = %y');
    expect(arithmeticComplaint(pool)).toBe('the map that is averaged has no known size');
  });

  it.each(['Conv(%x, %k)', 'ConvTranspose(%x, %k)'])('complains of other ranks than 4: %s', (call) => {
    const text = `input %x: float32[N,2,5]\nconst %k: float32[2,2,1] = random 1\n%y = ${call}\noutput "y" = %y`;
    expect(arithmeticComplaint(lastNode(text))).toMatch(/^Conv(Transpose)? of a rank-3 tensor$/);
  });
});

describe('brokenConstants', () => {
  it('has nothing against finite ones', () => {
    expect(brokenConstants(gemm('2', '-0.5'))).toBeUndefined();
  });

  it('names the constant that holds NaN or infinity, and what to do', () => {
    expect(brokenConstants(gemm('nan', '0'))?.reason).toBe("'w' holds NaN or infinite values");
    expect(brokenConstants(gemm('1', '-inf'))?.reason).toBe("'b' holds NaN or infinite values");
    expect(brokenConstants(gemm('1', 'inf'))?.hint).toContain('train the model again');
  });

  it.each([
    ['bounds', 'const %c: float32[] = [nan]\n%y = Clip(%x, %c)'],
    ['summands', 'const %c: float32[2] = [0, nan]\n%y = Add(%x, %c)'],
  ])('finds NaN among %s', (_, text) => {
    const node = lastNode(`input %x: float32[N,2]\n${text}\noutput "y" = %y`);
    expect(brokenConstants(node)?.reason).toBe("'c' holds NaN");
  });

  it('leaves infinity to nodes that are no layers', () => {
    const add = 'input %x: float32[N,2]\nconst %c: float32[2] = [0, inf]\n%y = Add(%x, %c)\noutput "y" = %y';
    expect(brokenConstants(lastNode(add))).toBeUndefined();
  });
});
