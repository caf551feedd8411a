import { describe, expect, it } from 'vitest';
import { TINPU_OPERATORS } from '../../../../src/backends/tinpu/dialect.js';
import { inexactLayers } from '../../../../src/backends/tinpu/report/inexact-layers.js';
import { parseGraph } from '../../../../src/ir/text/parse.js';

/** What is said of layers of one tap that is 1 each, with these biases: they reach 255 more. */
function warnings(...biases: readonly number[]) {
  const layers = biases.map(
    (bias, i) => `const %b${i}: int32[1] = [${bias}]
      %s${i} = q.MatMul(%x, %w)
      %y${i} = q.Bnorm(%s${i}, %b${i}, %one, %one) {lo = -128, hi = 127} "fc${i}"
      output "y${i}" = %y${i}`,
  );
  const text = `graph "g"
    input %x: uint8[N,1]
    const %w: int8[1,1] = [1]
    const %one: int32[1] = [1]
    ${layers.join('\n')}`;
  return inexactLayers(parseGraph(text, TINPU_OPERATORS));
}

describe('inexactLayers', () => {
  it('says nothing up to 2^24', () => {
    expect(warnings(2 ** 24 - 255)).toEqual([]);
  });

  it('names a layer beyond it, and what it can reach', () => {
    const [warning, ...others] = warnings(2 ** 24 - 254);
    expect(others).toEqual([]);
    expect(warning).toMatchObject({ code: 'float-accumulation', severity: 'warning', at: { node: 'fc0' } });
    expect(warning?.message).toMatch(/^integers of 'fc0' can reach 16777217, float32 is exact up to 2\^24/);
  });

  it.each([
    [[2 ** 24, 2 ** 25, 0], "integers of 'fc1' and another layer can reach 33554687,"],
    [[2 ** 25, 2 ** 24, 2 ** 24], "integers of 'fc0' and 2 others can reach 33554687,"],
  ])('names the furthest of several, once (%j)', (biases, beginning) => {
    const messages = warnings(...biases).map(({ message }) => message);
    expect(messages).toHaveLength(1);
    expect(messages[0]?.startsWith(beginning)).toBe(true);
  });
});
