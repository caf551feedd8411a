import { describe, expect, it } from 'vitest';
import { GraphEditor } from '../../src/ir/editor.js';
import { InternalError } from '../../src/ir/diagnostics.js';
import type { Graph, Value } from '../../src/ir/graph.js';
import { OPERATORS } from '../../src/ir/ops/index.js';
import { Tensor } from '../../src/ir/tensor.js';
import { parseGraph } from '../../src/ir/text/parse.js';
import { prepare } from '../../src/runtime/executor.js';
import { FLOAT_KERNELS } from '../../src/runtime/float/index.js';
import { ExecutionFault, type Kernel, type KernelTable } from '../../src/runtime/kernel.js';
import { StagedRun } from '../../src/runtime/staged-run.js';

const parse = (): Graph =>
  parseGraph(
    `graph "g"
    input %x: float32[N,2]
    const %two: float32[] = [2]
    const %one: float32[] = [1]
    %a = Mul(%x, %two)
    %b = Add(%a, %one)
    %c = Mul(%b, %x)
    %d = Add(%c, %a)
    output "d" = %d`,
    OPERATORS,
  );
const valueOf = (graph: Graph, name: string): Value => {
  const found = graph.nodes.flatMap(({ outputs }) => outputs).find((value) => value.name === name);
  if (found === undefined) throw new Error(`no ${name}`);
  return found;
};
const BATCHES = [
  [1, 2, 3, 4],
  [5, -6],
].map((data) => new Map([['x', Tensor.float32([data.length / 2, 2], data)]]));

describe('StagedRun', () => {
  it('computes what a run of the whole graph does, whatever the stages', () => {
    const graph = parse();
    const whole = BATCHES.map((batch) => {
      const seen = new Map<string, number[]>();
      prepare(graph, FLOAT_KERNELS).run(batch, {
        observe: ({ name }, tensor) => {
          seen.set(name, tensor.toNumbers());
          return undefined;
        },
      });
      return seen;
    });
    for (const names of [['a', 'b', 'c', 'd'], ['d'], ['c', 'a'], ['d', 'c', 'b', 'a'], ['b', 'b', 'd', 'b']]) {
      const wanted = names.map((name) => valueOf(graph, name));
      const run = new StagedRun(graph, FLOAT_KERNELS, BATCHES, wanted);
      for (const value of wanted) {
        const taken = run.take(value).map((tensor) => tensor.toNumbers());
        expect(taken, `${value.name} of ${names.join()}`).toEqual(whole.map((seen) => seen.get(value.name)));
      }
    }
  });

  it('runs each node once for each batch', () => {
    const graph = parse();
    const ran: string[] = [];
    const counted: KernelTable = new Map(
      [...FLOAT_KERNELS].map(([name, kernel]): [string, Kernel] => [
        name,
        (node, ...rest) => {
          ran.push(node.outputs[0]?.name ?? '');
          return kernel(node, ...rest);
        },
      ]),
    );
    const wanted = ['a', 'c', 'd'].map((name) => valueOf(graph, name));
    const run = new StagedRun(graph, counted, BATCHES, wanted);
    for (const value of wanted) run.take(value);
    expect(ran).toEqual(['a', 'a', 'b', 'c', 'b', 'c', 'd', 'd']);
  });

  it('runs the nodes ahead with constants replaced since', () => {
    const graph = parse();
    const [a, d] = [valueOf(graph, 'a'), valueOf(graph, 'd')];
    const run = new StagedRun(graph, FLOAT_KERNELS, BATCHES.slice(1), [a, d]);
    expect(run.take(a)[0]?.toNumbers()).toEqual([10, -12]);
    const editor = new GraphEditor(graph);
    const node = valueOf(graph, 'b').producer;
    if (node === undefined) throw new Error('no node');
    editor.setInput(node, 1, editor.constant(Tensor.float32([], [3])));
    // (2x + 3) · x + 2x
    expect(run.take(d)[0]?.toNumbers()).toEqual([75, 42]);
  });

  it('refuses values that are not wanted, or taken before, and data that do not fit', () => {
    const graph = parse();
    const [a, b] = [valueOf(graph, 'a'), valueOf(graph, 'b')];
    const run = new StagedRun(graph, FLOAT_KERNELS, BATCHES, [a]);
    run.take(a);
    expect(() => run.take(a)).toThrow(InternalError);
    expect(() => run.take(b)).toThrow(InternalError);
    const wrong = new StagedRun(graph, FLOAT_KERNELS, [new Map([['x', Tensor.float32([1, 3], [1, 2, 3])]])], [a]);
    expect(() => wrong.take(a)).toThrow(ExecutionFault);
    expect(() => new StagedRun(graph, FLOAT_KERNELS, [new Map()], [a]).take(a)).toThrow("input 'x' is missing");
  });
});
