import { describe, expect, it } from 'vitest';
import { TINPU_KERNELS, TINPU_OPERATORS } from '../../../../src/backends/tinpu/dialect.js';
import { stateIntegerInputs } from '../../../../src/backends/tinpu/lift/state-integer-inputs.js';
import { GraphEditor } from '../../../../src/ir/editor.js';
import type { Graph } from '../../../../src/ir/graph.js';
import { Tensor } from '../../../../src/ir/tensor.js';
import { parseGraph } from '../../../../src/ir/text/parse.js';
import { printGraph } from '../../../../src/ir/text/print.js';
import { verifyGraph } from '../../../../src/ir/verify.js';
import { prepare } from '../../../../src/runtime/executor.js';
import { describePass } from '../../../support/rules.js';
import { TINPU_RULES } from '../../../support/tinpu-rules.js';

const network = ({
  requantise = `%q = Mul(%a, %m)
  %y = Floor(%q) "last"`,
  weights = '[3, -4]',
  moved = '%x',
  before = '',
}): string => `graph "g"
  input %x: float32[N,2]
  const %w: float32[2,1] = ${weights}
  const %b: float32[1] = [5]
  const %m: float32[] = [0.5]
  ${before}
  %p = MatMul(${moved}, %w)
  %a = Add(%p, %b)
  ${requantise}
  output "y" = %y`;

describePass(
  stateIntegerInputs,
  {
    rewrites: [],
    untouched: [
      { name: 'weights that are fractions', graph: network({ weights: '[3, 0.5]' }) },
      { name: 'a layer whose sums are not requantised', graph: network({ requantise: '%y = Relu(%a) "last"' }) },
      { name: 'an input that is read as a real number too', graph: network({ before: '%n = Neg(%x)', moved: '%n' }) },
    ],
  },
  TINPU_RULES,
);

describe('an input that meets a requantised layer of integer weights', () => {
  const stated = network({
    before: `%"x/integers" = Cast(%x) {to = 5} "x/integers"
  %"x/float" = Cast(%"x/integers") {to = 1} "x/float"`,
    moved: '%"x/float"',
  });
  const graph = parseGraph(network({}), TINPU_OPERATORS);
  stateIntegerInputs.run(new GraphEditor(graph), { ...TINPU_RULES, report: () => undefined });

  it('becomes integers of 16 bits', () => {
    expect(verifyGraph(graph, TINPU_OPERATORS)).toEqual([]);
    expect(printGraph(graph)).toBe(printGraph(parseGraph(stated, TINPU_OPERATORS)));
  });

  it('computes the same for whatever integers it is fed', () => {
    const x = Tensor.float32([4, 2], [-128, 255, 0, 7, -32768, 32767, 100, -1]);
    const run = (source: Graph): number[] | undefined =>
      prepare(source, TINPU_KERNELS)
        .run(new Map([['x', x]]))
        .get('y')
        ?.toNumbers();
    expect(run(graph)).toEqual(run(parseGraph(network({}), TINPU_OPERATORS)));
  });
});
