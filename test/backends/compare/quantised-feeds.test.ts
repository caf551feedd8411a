import { describe, expect, it } from 'vitest';
import { comparisonInputs, quantisedFeeds } from '../../../src/backends/compare/quantised-feeds.js';
import { OPERATORS } from '../../../src/ir/ops/index.js';
import { parseGraph } from '../../../src/ir/text/parse.js';
import { Tensor } from '../../../src/ir/tensor.js';
import type { Value } from '../../../src/ir/graph.js';

const inputs = (...types: string[]): readonly Value[] =>
  parseGraph(
    ['graph "g"', ...types.map((type, i) => `input %${type.replace(': ', `${i}: `)}`), 'output "o" = %x0', ''].join(
      '\n',
    ),
    OPERATORS,
  ).inputs;
const x = Tensor.float32([2, 3], [-1, 0.2, 0.25, 40, -40, 0.74]);

describe('inputs of the quantised model', () => {
  it('are those of the float model, by name or in order, with the axes it has', () => {
    const feeds = quantisedFeeds(inputs('x: float32[N,3]'), inputs('x: float32[N,3,1]'))(new Map([['x0', x]]));
    expect(feeds.get('x0')?.dims).toEqual([2, 3, 1]);
    const renamed = quantisedFeeds(inputs('x: float32[N,3]'), [{ ...inputs('x: float32[N,3]')[0]!, name: 'other' }]);
    expect(renamed(new Map([['x0', x]])).get('other')).toBe(x);
  });

  it('are integers where the input sequence was cut out: of the scale, or of a header', () => {
    const facts = { scale: 0.5, zeroPoint: 0, bits: 8, signed: true };
    const float = inputs('x: float32[N,3]');
    const byScale = quantisedFeeds(float, inputs('x: int8[N,3]'), { inputs: new Map([['x0', facts]]) });
    // floor(x / 0.5 + 0.5) within int8: -1.5, 0.9, 1.0, 80.5, -79.5, 1.98 rounded down.
    expect(
      byScale(new Map([['x0', x]]))
        .get('x0')
        ?.toNumbers(),
    ).toEqual([-2, 0, 1, 80, -80, 1]);
    const sequence = { prefix: 'p', bias: Float32Array.of(0.25), scale: Float32Array.of(4), shift: Int32Array.of(1) };
    const byHeader = quantisedFeeds(float, inputs('x: int8[N,3]'), { sequences: [sequence] });
    // floor((x + 0.25) · 4 / 2).
    expect(
      byHeader(new Map([['x0', x]]))
        .get('x0')
        ?.toNumbers(),
    ).toEqual([-2, 0, 1, 80, -80, 1]);
  });

  it('are refused where nothing says how integers are made', () => {
    expect(() => quantisedFeeds(inputs('x: float32[N,3]'), inputs('x: int8[N,3]'))).toThrow(
      "the second model takes int8[Nx3] at its input 'x0', and nothing says how they are made of real numbers",
    );
    expect(() => quantisedFeeds(inputs('x: float32[N,3]'), inputs('x: float32[N,3]', 'x: float32[N,3]'))).toThrow(
      'the second model takes 2 inputs, the first 1',
    );
  });

  it('fix the batch of the samples', () => {
    const [input] = comparisonInputs(inputs('x: float32[N,3]'), inputs('x: float32[4,3]'));
    expect(input?.type.shape).toEqual([4, 3]);
    const [free] = comparisonInputs(inputs('x: float32[N,3]'), inputs('x: float32[M,3]'));
    expect(free?.type.shape).toEqual(['N', 3]);
  });
});
