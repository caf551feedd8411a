import { describe, expect, it } from 'vitest';
import { realiseIn } from '../../../../src/backends/generic/report/realise.js';
import { OPERATORS } from '../../../../src/ir/ops/index.js';
import { parseGraph } from '../../../../src/ir/text/parse.js';

const GRAPH = parseGraph(
  `graph "g"
  input %x: float32[N,4]
  const %s: float32[] = [0.5]
  const %z: uint8[] = [2]
  %q = QuantizeLinear(%x, %s, %z)
  %r = DequantizeLinear(%q, %s, %z)
  %y = Sin(%r)
  output "y" = %y`,
  OPERATORS,
);

const realisation = (index: number) => {
  const [value] = GRAPH.nodes[index]?.outputs ?? [];
  const [source] = GRAPH.inputs;
  const [integers] = GRAPH.nodes[0]?.outputs ?? [];
  if (value === undefined || source === undefined || integers === undefined) return expect.fail('no such tensor');
  const grid = { scale: 0.5, zeroPoint: 2, bits: 2 } as const;
  return realiseIn({ tensors: [{ source, value: integers, grid }] })(value);
};

describe('realiseIn', () => {
  // The integers 0 … 3 are -1 … 0.5, and half a step beyond rounds to them.
  const ends = { lowest: -1.25, highest: 0.75 };

  it('takes integers for their real numbers, and what does not round to any for saturated', () => {
    expect(realisation(0)).toEqual({ scale: 0.5, zero: 2, ...ends });
  });

  it('takes real numbers made of integers as they are, with the same ends', () => {
    expect(realisation(1)).toEqual({ scale: 1, zero: 0, ...ends });
  });

  it('leaves what is computed on real numbers', () => {
    expect(realisation(2)).toBeUndefined();
  });
});
