import { describe, expect, it } from 'vitest';
import { GraphEditor } from '../../src/ir/editor.js';
import { operator } from '../../src/ir/ops/operator.js';
import { operatorTable } from '../../src/ir/ops/table.js';
import { parseGraph } from '../../src/ir/text/parse.js';
import { printGraph } from '../../src/ir/text/print.js';
import { verifyGraph } from '../../src/ir/verify.js';
import { applyRules } from '../../src/passes/driver.js';
import { any, op } from '../../src/passes/pattern.js';
import { decline, rule } from '../../src/passes/rule.js';
import { Trace } from '../../src/passes/trace.js';

const unary = (name: string) =>
  operator({
    name,
    since: 1,
    inputs: [1, 1],
    infer: ({ inputs }) => inputs.flatMap((x) => (x ? [{ type: x.type }] : [])),
  });
const OPS = operatorTable([unary('Relu'), unary('Neg'), unary('Abs')]);

const foldDoubleRelu = rule({
  name: 'fold-double-relu',
  match: op('Relu', [op('Relu', [any('x')], { soleUse: true })]),
  rewrite: ({ x }, to) => to.op('Relu', [x]),
});

const CHAIN = `graph "g"
input %x: float32[N,3]
%a = Relu(%x) "first" @[0 "first" "Relu"]
%b = Relu(%a) "second" @[1 "second" "Relu"]
%c = Relu(%b) "third" @[2 "third" "Relu"]
output "y" = %c
`;

describe('applyRules', () => {
  it('reaches a fixpoint, keeps the last label and merges origins', () => {
    const graph = parseGraph(CHAIN, OPS);
    const trace = new Trace();
    const summary = applyRules(new GraphEditor(graph), [foldDoubleRelu], { operators: OPS, trace });
    expect(summary).toEqual({ stopped: 'fixpoint', counts: new Map([['fold-double-relu', 2]]) });
    expect(printGraph(graph)).toBe(`graph "g"
input %x: float32[N,3]
%c: float32[N,3] = Relu(%x) "third" @[0 "first" "Relu", 1 "second" "Relu", 2 "third" "Relu"]
output "y" = %c
`);
    expect(verifyGraph(graph, OPS)).toEqual([]);
    expect(trace.applications).toHaveLength(2);
  });

  it('stops at its bound and says so', () => {
    const flip = rule({ name: 'flip', match: op('Neg', [any('x')]), rewrite: ({ x }, to) => to.op('Neg', [x]) });
    const graph = parseGraph('graph "g"\ninput %x: float32[1]\n%y = Neg(%x)\noutput "y" = %y', OPS);
    const summary = applyRules(new GraphEditor(graph), [flip], { operators: OPS, limit: 7 });
    expect(summary).toEqual({ stopped: 'limit', counts: new Map([['flip', 7]]) });
  });

  it('leaves the graph untouched when check or rewrite refuses, and records the reason', () => {
    const source = 'graph "g"\ninput %x: float32[1]\n%y = Neg(%x) "n"\noutput "y" = %y';
    const refusing = [
      rule({
        name: 'by-check',
        match: op('Neg', [any('x')]),
        check: () => decline('not today'),
        rewrite: ({ x }) => x,
      }),
      rule({
        name: 'by-rewrite',
        match: op('Neg', [any('x')]),
        rewrite: ({ x }, to) => {
          to.op('Abs', [x]);
          return decline('second thoughts');
        },
      }),
    ];
    const graph = parseGraph(source, OPS);
    const before = printGraph(graph);
    const trace = new Trace();
    applyRules(new GraphEditor(graph), refusing, { operators: OPS, trace });
    expect(printGraph(graph)).toBe(before);
    expect(trace.nearMisses.map(({ rule: name, reason }) => [name, reason])).toEqual([
      ['by-check', 'not today'],
      ['by-rewrite', 'second thoughts'],
    ]);
  });

  it('removes what two dead readers of the root had in common once', () => {
    const operators = operatorTable([unary('Relu'), unary('Neg'), { ...unary('Join'), inputs: [2, 2] }]);
    const graph = parseGraph(
      `graph "g"
input %x: float32[2]
%a = Relu(%x)
%b = Neg(%a)
%y: float32[2] = Join(%a, %b)
output "y" = %y
`,
      operators,
    );
    const drop = rule({
      name: 'drop-join',
      match: op('Join', [any('a'), op('Neg', [op('Relu', [any('x')])])]),
      rewrite: ({ x }) => x,
    });
    applyRules(new GraphEditor(graph), [drop], { operators });
    expect(graph.nodes).toEqual([]);
  });

  it('does not fold through a value that is read elsewhere and reports the near miss', () => {
    const graph = parseGraph(`${CHAIN}output "z" = %b\n`, OPS);
    const trace = new Trace();
    applyRules(new GraphEditor(graph), [foldDoubleRelu], { operators: OPS, trace });
    expect(graph.nodes).toHaveLength(2);
    expect(trace.applications).toHaveLength(1);
  });

  it('comes back to a node when another reader of its operand is gone', () => {
    const cut = rule({
      name: 'cut',
      match: op('Abs', [op('Relu', [any('x')])]),
      rewrite: ({ x }, to) => to.op('Abs', [x]),
    });
    const graph = parseGraph(
      `graph "g"
input %x: float32[3]
%a = Relu(%x)
%b = Relu(%a)
%c = Abs(%a)
output "b" = %b
output "c" = %c`,
      OPS,
    );
    applyRules(new GraphEditor(graph), [foldDoubleRelu, cut], { operators: OPS });
    expect(graph.nodes.map((node) => [node.op, node.inputs[0]?.name])).toEqual([
      ['Relu', 'x'],
      ['Abs', 'x'],
    ]);
  });

  it('comes back to nodes far from the last change before it calls the graph done', () => {
    const dropInSmallGraph = rule({
      name: 'drop-in-small-graph',
      match: op('Neg', [any('x')]),
      check: (_, graph) => (graph.nodes.length > 5 ? decline('the graph is large') : undefined),
      rewrite: ({ x }) => x,
    });
    const graph = parseGraph(
      `graph "g"
input %x: float32[3]
%n = Neg(%x)
%a = Abs(%n)
%b = Abs(%a)
%c = Abs(%b)
%d = Relu(%c)
%e = Relu(%d)
output "e" = %e`,
      OPS,
    );
    applyRules(new GraphEditor(graph), [foldDoubleRelu, dropInSmallGraph], { operators: OPS });
    expect(graph.nodes.map((node) => node.op)).toEqual(['Abs', 'Abs', 'Abs', 'Relu']);
  });
});
