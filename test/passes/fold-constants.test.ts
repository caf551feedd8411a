import { describe, expect, it } from 'vitest';
import { UserError, type Diagnostic } from '../../src/ir/diagnostics.js';
import { GraphEditor } from '../../src/ir/editor.js';
import type { Graph } from '../../src/ir/graph.js';
import { OPERATORS } from '../../src/ir/ops/index.js';
import { parseGraph } from '../../src/ir/text/parse.js';
import { printGraph } from '../../src/ir/text/print.js';
import { verifyGraph } from '../../src/ir/verify.js';
import { foldConstants, type FoldConstantsOptions } from '../../src/passes/fold-constants.js';
import { FLOAT_KERNELS } from '../../src/runtime/float/index.js';
import { describePass } from '../support/rules.js';

describePass(foldConstants(), {
  rewrites: [
    {
      name: 'arithmetic on constants',
      before: `graph "g"
input %x: float32[N,2]
const %a: float32[2] = [1, 2]
const %b: float32[1] = [0.5]
%c = Mul(%a, %b) "c"
%d = Sqrt(%c) "d"
%y = Add(%x, %d) "y"
output "y" = %y`,
      after: `graph "g"
input %x: float32[N,2]
const %d: float32[2] = [0.7071067690849304, 1]
%y = Add(%x, %d) "y"
output "y" = %y`,
    },
    {
      name: 'int64 arithmetic beyond 2^53',
      before: `graph "g"
const %a: int64[1] = [9007199254740993]
const %b: int64[1] = [2]
%c = Mul(%a, %b)
%d = Sub(%c, %b)
output "y" = %d`,
      after: `graph "g"
const %d: int64[1] = [18014398509481984]
output "y" = %d`,
    },
    {
      name: 'the shape of a known shape and what is computed from it',
      before: `graph "g"
input %x: float32[2,3,4]
const %one: int64[] = [1]
const %axes: int64[1] = [0]
const %all: int64[1] = [-1]
const %two: int64[1] = [2]
%r = Relu(%x)
%shape = Shape(%r)
%c = Gather(%shape, %one)
%list = Unsqueeze(%c, %axes)
%half = Mul(%list, %two)
%target = Concat(%half, %all) {axis = 0}
%y = Reshape(%r, %target)
output "y" = %y`,
      after: `graph "g"
input %x: float32[2,3,4]
const %target: int64[2] = [6, -1]
%r = Relu(%x)
%y = Reshape(%r, %target)
output "y" = %y`,
    },
    {
      name: 'the part of a symbolic shape that is known',
      before: `graph "g"
input %x: float32[N,3,4]
const %one: int64[1] = [1]
const %two: int64[1] = [2]
%shape = Shape(%x)
%c = Gather(%shape, %one)
%y = Mul(%c, %two)
output "y" = %y`,
      after: `graph "g"
input %x: float32[N,3,4]
const %y: int64[1] = [6]
output "y" = %y`,
    },
    {
      name: 'arithmetic on sizes by way of floats, whose result makes shapes known',
      before: `graph "g"
input %x: float32[N,6]
const %one: int64[1] = [1]
const %half: float32[] = [0.5]
const %all: int64[1] = [-1]
const %weight: float32[3] = [1, 2, 3]
%shape = Shape(%x)
%c = Gather(%shape, %one)
%f = Cast(%c) {to = 1}
%h = Mul(%f, %half)
%floor = Floor(%h)
%i = Cast(%floor) {to = 7}
%target = Concat(%all, %i) {axis = 0}
%r: float32["?0","?1"] = Reshape(%x, %target)
%y: float32["?0",3] = Mul(%r, %weight)
output "y" = %y`,
      after: `graph "g"
input %x: float32[N,6]
const %target: int64[2] = [-1, 3]
const %weight: float32[3] = [1, 2, 3]
%r: float32["?0",3] = Reshape(%x, %target)
%y: float32["?0",3] = Mul(%r, %weight)
output "y" = %y`,
    },
    {
      name: 'a batch that keeps its symbol once a target is known',
      before: `graph "g"
input %x: float32[N,6]
const %all: float32[1] = [-1]
const %six: float32[1] = [6]
%f = Concat(%all, %six) {axis = 0}
%target = Cast(%f) {to = 7}
%r: float32["?0","?1"] = Reshape(%x, %target)
%y: float32["?0","?1"] = Relu(%r)
output "y" = %y`,
      after: `graph "g"
input %x: float32[N,6]
const %target: int64[2] = [-1, 6]
%r: float32[N,6] = Reshape(%x, %target)
%y: float32[N,6] = Relu(%r)
output "y" = %y`,
    },
    {
      name: 'ConstantOfShape, Range, NonZero and several results',
      before: `graph "g"
input %x: float32[5]
const %five: int64[1] = [5]
const %start: float32[] = [0]
const %end: float32[] = [10]
const %step: float32[] = [2]
const %sizes: int64[2] = [2, 3]
%ones = ConstantOfShape(%five) {value = float32[1] [1]}
%range = Range(%start, %end, %step)
%places: int64[1,"n"] = NonZero(%range)
%a, %b = Split(%range, %sizes) {axis = 0}
%s = Concat(%b, %a) {axis = 0}
%t = Add(%s, %ones)
%y = Add(%x, %t)
output "y" = %y
output "places" = %places`,
      after: `graph "g"
input %x: float32[5]
const %t: float32[5] = [5, 7, 9, 1, 3]
const %places: int64[1,4] = [1, 2, 3, 4]
%y = Add(%x, %t)
output "y" = %y
output "places" = %places`,
    },
    {
      name: 'one of two results that is known',
      before: `graph "g"
input %x: float32[N,7]
const %w: float32[2,1,3] = [1, 2, 3, 4, 5, 6]
const %axes: int64[1] = [1]
%t = Transpose(%w) {perm = [0, 2, 1]}
%u = Unsqueeze(%x, %axes)
%v = Transpose(%t) {perm = [0, 2, 1]}
%y = Conv(%u, %v)
output "y" = %y`,
      after: `graph "g"
input %x: float32[N,7]
const %axes: int64[1] = [1]
const %w: float32[2,1,3] = [1, 2, 3, 4, 5, 6]
%u = Unsqueeze(%x, %axes)
%y = Conv(%u, %w)
output "y" = %y`,
    },
  ],
  refusals: [
    {
      name: 'results of more than 64 MiB',
      graph: `graph "g"
const %shape: int64[2] = [4097, 4096]
%y = ConstantOfShape(%shape)
output "y" = %y`,
      reason: 'ConstantOfShape of constants gives 67125248 bytes and stays computed',
    },
    {
      name: 'constants that an operator cannot compute with',
      graph: `graph "g"
const %a: float32[2,1] = [1, 2]
const %lengths: int64[1] = [5]
%y = ReverseSequence(%a, %lengths)
output "y" = %y`,
      reason: 'a length of ReverseSequence is 5',
    },
  ],
  untouched: [
    {
      name: 'sizes that only the data decide',
      graph: `graph "g"
input %x: float32[N,3]
%y = Shape(%x)
output "y" = %y`,
    },
    {
      name: 'what nothing reads',
      graph: `graph "g"
input %x: float32[N]
const %a: float32[1] = [4]
%b = Sqrt(%a)
output "y" = %x`,
    },
  ],
});

describe('foldConstants', () => {
  const run = (graph: Graph, options: FoldConstantsOptions = {}): Diagnostic[] => {
    const diagnostics: Diagnostic[] = [];
    foldConstants(options).run(new GraphEditor(graph), {
      operators: OPERATORS,
      kernels: FLOAT_KERNELS,
      report: (diagnostic) => diagnostics.push(diagnostic),
    });
    return diagnostics;
  };

  it('stops at the sum of the results as well', () => {
    const graph = parseGraph(
      `graph "g"
const %a: float32[2] = [1, 4]
%b = Sqrt(%a) "b" @[7 "b" "Sqrt"]
%c = Neg(%b) "c" @[8 "c" "Neg"]
output "y" = %c`,
      OPERATORS,
    );
    expect(run(graph, { limit: 8, total: 12 })).toEqual([
      {
        code: 'constant-not-folded',
        severity: 'warning',
        message: 'Neg of constants gives 8 bytes and stays computed; up to 4 bytes are folded',
        at: { node: 'c', op: 'Neg', nodeIndex: 8 },
      },
    ]);
    expect(graph.nodes.map(({ op }) => op)).toEqual(['Neg']);
  });

  it('blames the model for constants that do not fit', () => {
    const graph = parseGraph(
      `graph "g"
input %x: float32[N,6]
const %a: float32[2] = [2.5, 7.5]
%target = Cast(%a) {to = 7}
%y: float32["?0","?1"] = Reshape(%x, %target) "r" @[3 "r" "Reshape"]
%z: float32["?0",6] = Add(%y, %x) "a" @[4 "a" "Add"]
output "y" = %z`,
      OPERATORS,
    );
    const [problem] = diagnosticsOf(() => run(graph));
    expect(problem).toMatchObject({
      severity: 'error',
      code: 'shape-mismatch',
      at: { node: 'a', op: 'Add', nodeIndex: 4 },
    });
  });

  it('leaves the graph valid and does ten thousand nodes quickly', () => {
    const lines = ['graph "g"', 'input %x: float32[4,3]', 'const %one: int64[1] = [1]', '%n0 = Shape(%x)'];
    for (let i = 1; i < 10_000; i++) lines.push(`%n${i} = Mul(%n${i - 1}, %one)`);
    lines.push('%y = Reshape(%x, %n9999)', 'output "y" = %y');
    const graph = parseGraph(lines.join('\n'), OPERATORS);
    const start = performance.now();
    run(graph);
    // A hundred times what it takes on a slow machine; a quadratic pass with large constants would take minutes.
    expect(performance.now() - start).toBeLessThan(20_000);
    expect(verifyGraph(graph, OPERATORS)).toEqual([]);
    expect(printGraph(graph)).toContain('const %n9999: int64[2] = [4, 3]');
    expect(graph.nodes).toHaveLength(1);
  });
});

function diagnosticsOf(action: () => unknown): readonly Diagnostic[] {
  try {
    action();
  } catch (error) {
    if (error instanceof UserError) return error.diagnostics;
    throw error;
  }
  return [];
}
