import { describe, expect, it } from 'vitest';
import { OPERATORS } from '../../../src/ir/ops/index.js';
import { parseGraph } from '../../../src/ir/text/parse.js';
import { arithmeticComplaint, boundsComplaint, hintOf } from '../../../src/backends/tinpu/complaints.js';

const complaintOf = (text: string): string | undefined => {
  const graph = parseGraph(`graph "g"\n${text}`, OPERATORS);
  const node = graph.nodes.at(-1);
  return node && arithmeticComplaint(node)?.reason;
};

describe('arithmeticComplaint', () => {
  it('accepts constant finite weights', () => {
    expect(
      complaintOf('input %x: float32[N,2]\nconst %w: float32[2,1] = [1, 2]\n%y = Gemm(%x, %w)\noutput "y" = %y'),
    ).toBeUndefined();
  });

  it('names the constant that holds NaN or infinity', () => {
    const gemm = (w: string, b: string): string =>
      `input %x: float32[N,2]\nconst %w: float32[2,1] = [1, ${w}]\nconst %b: float32[1] = [${b}]\n%y = Gemm(%x, %w, %b)\noutput "y" = %y`;
    expect(complaintOf(gemm('nan', '0'))).toBe("'w' holds NaN or infinite values");
    expect(complaintOf(gemm('1', '-inf'))).toBe("'b' holds NaN or infinite values");
  });

  it('refuses weights that the model computes', () => {
    expect(complaintOf('input %x: float32[N,2]\ninput %w: float32[2,1]\n%y = Gemm(%x, %w)\noutput "y" = %y')).toBe(
      'the weights are computed by the model',
    );
  });

  it('refuses means over maps of unknown size', () => {
    expect(complaintOf('input %x: float32[N,2,H,W]\n%y = GlobalAveragePool(%x)\noutput "y" = %y')).toBe(
      'the map that is averaged has no known size',
    );
  });
});

describe('boundsComplaint', () => {
  it('accepts what integers saturate at', () => {
    for (const bounds of [
      { min: 0, max: 6 },
      { min: 0, max: Infinity },
      { min: -1, max: 1 },
    ]) {
      expect(boundsComplaint(bounds)).toBeUndefined();
    }
  });

  it('refuses other bounds', () => {
    expect(boundsComplaint({ min: 0.5, max: 2 })?.reason).toBe('Clip to 0.5 … 2 is neither [0, c] nor [-c, c]');
    expect(boundsComplaint({ min: 2, max: 1 })?.reason).toBe('Clip to 2 … 1 leaves one value');
    expect(boundsComplaint({ min: -Infinity, max: 6 })?.reason).toContain('neither');
  });
});

describe('hintOf', () => {
  it('is particular where an alternative is known', () => {
    const graph = parseGraph(
      'graph "g"\ninput %x: float32[N,2]\n%a = Add(%x, %x)\n%y = Erf(%a)\noutput "y" = %y',
      OPERATORS,
    );
    const [add, erf] = graph.nodes.map(hintOf);
    expect(add).toContain('residual');
    expect(erf).toContain('remove it from the model');
  });
});
