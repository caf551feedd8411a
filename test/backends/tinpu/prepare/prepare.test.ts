import { describe, expect, it } from 'vitest';
import { prepareForIntegers } from '../../../../src/backends/tinpu/prepare/prepare.js';
import { GraphEditor } from '../../../../src/ir/editor.js';
import { OPERATORS } from '../../../../src/ir/ops/index.js';
import { parseGraph } from '../../../../src/ir/text/parse.js';
import { runPipeline } from '../../../../src/passes/pass.js';
import { FLOAT_KERNELS } from '../../../../src/runtime/float/index.js';

function prepared(text: string): string {
  const graph = parseGraph(`graph "g"\n${text}`, OPERATORS);
  const context = { operators: OPERATORS, kernels: FLOAT_KERNELS, verify: true, report: () => undefined };
  runPipeline(new GraphEditor(graph), prepareForIntegers, context);
  return graph.nodes.map(({ op }) => op).join(' ');
}

describe('prepareForIntegers', () => {
  it('makes layers of normalisations behind layers, one after the other and behind the parts of a Split', () => {
    const text = `input %x: float32[N,4,3,3]
      const %k: float32[4,4,1,1] = random 1
      const %g: float32[2] = splat 0.5
      const %v: float32[4] = splat 1
      %a = Conv(%x, %k)
      %n = BatchNormalization(%a, %v, %v, %v, %v)
      %p, %q = Split(%n) {axis = 1, num_outputs = 2}
      %y = BatchNormalization(%p, %g, %g, %g, %g)
      %z = BatchNormalization(%y, %g, %g, %g, %g)
      output "z" = %z
      output "q" = %q`;
    expect(prepared(text)).toBe('Conv Conv Slice Slice Conv Conv');
  });

  it('leaves the normalisation of the input to the input sequence', () => {
    const text = `input %x: float32[N,2,3,3]
      const %k: float32[2,2,1,1] = random 1
      const %v: float32[2] = splat 1
      %n = BatchNormalization(%x, %v, %v, %v, %v)
      %y = Conv(%n, %k)
      output "y" = %y`;
    expect(prepared(text)).toBe('BatchNormalization Conv');
  });
});
