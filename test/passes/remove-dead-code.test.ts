import { describe, expect, it } from 'vitest';
import { GraphEditor } from '../../src/ir/editor.js';
import { constantsOf } from '../../src/ir/graph.js';
import { OPERATORS } from '../../src/ir/ops/index.js';
import { parseGraph } from '../../src/ir/text/parse.js';
import { printGraph } from '../../src/ir/text/print.js';
import { verifyGraph } from '../../src/ir/verify.js';
import { removeDeadCode } from '../../src/passes/remove-dead-code.js';
import { FLOAT_KERNELS } from '../../src/runtime/float/index.js';
import { describePass } from '../support/rules.js';

describePass(removeDeadCode, {
  rewrites: [
    {
      name: 'nodes that nothing reads, whole chains of them',
      before: `graph "g"
input %x: float32[N,2]
input %unread: float32[N]
const %c: float32[2] = [1, 2]
%a = Relu(%x)
%b = Mul(%a, %c)
%d = Neg(%b)
%y = Neg(%x)
output "y" = %y`,
      after: `graph "g"
input %x: float32[N,2]
input %unread: float32[N]
%y = Neg(%x)
output "y" = %y`,
    },
    {
      name: 'not a node one of whose results is read',
      before: `graph "g"
input %x: float32[N,2]
%a, %b = Split(%x) {axis = 1, num_outputs = 2}
%c = Relu(%a)
%y = Neg(%b)
output "y" = %y`,
      after: `graph "g"
input %x: float32[N,2]
%a, %b = Split(%x) {axis = 1, num_outputs = 2}
%y = Neg(%b)
output "y" = %y`,
    },
    {
      name: 'equal constants',
      before: `graph "g"
input %x: float32[2,2]
const %a: float32[2] = [1, 2]
const %b: float32[2] = [1, 2]
const %c: float32[2] = [1, 2]
%d = Add(%x, %a)
%e = Mul(%d, %b)
%y = Add(%e, %a)
output "y" = %y
output "c" = %c`,
      after: `graph "g"
input %x: float32[2,2]
const %a: float32[2] = [1, 2]
%d = Add(%x, %a)
%e = Mul(%d, %a)
%y = Add(%e, %a)
output "y" = %y
output "c" = %a`,
    },
  ],
  untouched: [
    {
      name: 'constants that differ in type, shape, the sign of zero or scale',
      graph: `graph "g"
input %x: float32[2]
const %a: float32[1] = [0]
const %b: float32[1] = [-0.0]
const %c: float32[] = [0]
const %d: int32[1] = [0]
const %e: int8[1]<0.5 s8> = [1]
const %f: int8[1]<0.25 s8> = [1]
%g = Add(%x, %a)
%h = Div(%g, %b)
%y = Add(%h, %c)
output "y" = %y
output "d" = %d
output "e" = %e
output "f" = %f`,
    },
  ],
});

describe('removeDeadCode', () => {
  it('merges NaNs of equal bits and does ten thousand nodes quickly', () => {
    const lines = ['graph "g"', 'input %x: float32[3]', '%n0 = Relu(%x)'];
    for (let i = 1; i < 10_000; i++) {
      lines.push(`const %c${i}: float32[3] = [nan, ${i % 2}, 1]`, `%n${i} = Add(%n${i - 1}, %c${i})`);
    }
    lines.push('%dead0 = Neg(%x)');
    for (let i = 1; i < 5_000; i++) lines.push(`%dead${i} = Neg(%dead${i - 1})`);
    lines.push('output "y" = %n9999');
    const graph = parseGraph(lines.join('\n'), OPERATORS);
    const start = performance.now();
    removeDeadCode.run(new GraphEditor(graph), { operators: OPERATORS, kernels: FLOAT_KERNELS, report: () => {} });
    // Takes a fraction of a second; the bound only has to notice work that grows with the square of large numbers.
    expect(performance.now() - start).toBeLessThan(20_000);
    expect(verifyGraph(graph, OPERATORS)).toEqual([]);
    expect(graph.nodes).toHaveLength(10_000);
    expect(constantsOf(graph)).toHaveLength(2);
    expect(printGraph(graph)).toContain('Add(%n0, %c1)');
  });
});
