import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Attributes } from '../../src/ir/attributes.js';
import { InternalError } from '../../src/ir/diagnostics.js';
import { GraphEditor } from '../../src/ir/editor.js';
import type { Value, ValueType } from '../../src/ir/graph.js';
import { OperatorFault } from '../../src/ir/ops/operator.js';
import { Tensor } from '../../src/ir/tensor.js';
import { prepare } from '../../src/runtime/executor.js';
import { FLOAT_KERNELS } from '../../src/runtime/float/index.js';
import { ExecutionFault, type Kernel, type KernelTable } from '../../src/runtime/kernel.js';

const floats = (...shape: (number | string)[]): ValueType => ({ dtype: 'float32', shape });

/** y = x + 1 in new memory. */
const increment: Kernel = (_, [x], arena) => {
  const y = arena.tensor('float32', x!.dims);
  for (let i = 0; i < y.size; i++) y.data[i] = Number(x!.data[i]) + 1;
  return [y];
};

/** The same elements. */
const share: Kernel = (_, [x]) => [x!.reshape([...x!.dims])];

const add: Kernel = (_, [a, b], arena) => {
  const y = arena.tensor('float32', a!.dims);
  for (let i = 0; i < y.size; i++) y.data[i] = Number(a!.data[i]) + Number(b!.data[i]);
  return [y];
};

const kernels = new Map<string, Kernel>([
  ['Increment', increment],
  ['Share', share],
  ['Add', add],
]);

/** A builder of graphs whose nodes have one result of the type of their first input. */
class Builder {
  readonly editor = GraphEditor.create('test');

  input(name: string, type: ValueType): Value {
    return this.editor.addInput(name, type);
  }

  node(op: string, ...inputs: Value[]): Value {
    const [first] = inputs;
    const node = this.editor.addNode({ op, name: `${op}-node`, inputs, outputs: [{ type: first!.type }] });
    return node.outputs[0]!;
  }

  output(name: string, value: Value): this {
    this.editor.addOutput(name, value);
    return this;
  }

  run(feeds: Record<string, Tensor>, table: KernelTable = kernels): Map<string, Tensor> {
    return prepare(this.editor.graph, table).run(new Map(Object.entries(feeds)));
  }
}

const list = (...values: number[]): Tensor => Tensor.float32([values.length], values);
const numbers = (tensor: Tensor | undefined): number[] => tensor!.toNumbers();

describe('memory of a run', () => {
  /** A chain of `length` increments of 1000 elements. */
  const chain = (length: number): Builder => {
    const builder = new Builder();
    let value = builder.input('x', floats(1000));
    for (let i = 0; i < length; i++) value = builder.node('Increment', value);
    return builder.output('y', value);
  };

  it('does not depend on the length of a chain', () => {
    const feeds = new Map([['x', Tensor.zeros('float32', [1000])]]);
    for (const length of [2, 50]) {
      const program = prepare(chain(length).editor.graph, kernels);
      expect(numbers(program.run(feeds).get('y'))[999]).toBe(length);
      // Input and result of one node, in units of 64 bytes.
      expect(program.reservedBytes).toBe(2 * 4032);
    }
  });

  it('does not grow from run to run, nor with batches of other sizes', () => {
    const builder = new Builder();
    const x = builder.input('x', floats('N', 100));
    const deep = builder.node('Increment', builder.node('Increment', x));
    builder.output('y', builder.node('Add', builder.node('Increment', x), deep));
    const program = prepare(builder.editor.graph, kernels);
    const run = (batch: number): void => {
      program.run(new Map([['x', Tensor.zeros('float32', [batch, 100])]]));
    };
    run(16);
    const once = program.reservedBytes;
    expect(once).toBe(3 * 6400);
    for (let i = 0; i < 20; i++) run(16);
    expect(program.reservedBytes).toBe(once);
    for (const batch of [1, 5, 16, 9, 16, 2, 16]) run(batch);
    expect(program.reservedBytes).toBe(once);
    run(1);
    expect(program.reservedBytes).toBeLessThan(once);
  });

  it('keeps a value for its last reader', () => {
    const builder = new Builder();
    const x = builder.input('x', floats(3));
    const early = builder.node('Increment', x);
    let late = builder.node('Increment', early);
    for (let i = 0; i < 5; i++) late = builder.node('Increment', late);
    builder.output('y', builder.node('Add', late, early));
    expect(numbers(builder.run({ x: list(1, 2, 3) }).get('y'))).toEqual([10, 12, 14]);
  });

  it('keeps memory that results share until the last of them is read', () => {
    const builder = new Builder();
    const x = builder.input('x', floats(2));
    const shared = builder.node('Share', builder.node('Share', builder.node('Increment', x)));
    const other = builder.node('Increment', builder.node('Increment', x));
    builder.output('y', builder.node('Add', shared, other));
    expect(numbers(builder.run({ x: list(1, 2) }).get('y'))).toEqual([5, 7]);
  });

  it('hands a value to a node that reads it twice and frees it once', () => {
    const builder = new Builder();
    const one = builder.node('Increment', builder.input('x', floats(1)));
    const two = builder.node('Add', one, one);
    builder.output('y', builder.node('Add', two, builder.node('Add', two, two)));
    expect(numbers(builder.run({ x: list(1) }).get('y'))).toEqual([12]);
  });

  it('does not write over outputs of earlier runs', () => {
    const builder = new Builder();
    const x = builder.input('x', floats(2));
    const y = builder.node('Increment', x);
    builder
      .output('y', y)
      .output('same', y)
      .output('shared', builder.node('Share', y))
      .output('z', builder.node('Increment', y));
    const program = prepare(builder.editor.graph, kernels);
    const first = program.run(new Map([['x', list(1, 2)]]));
    const second = program.run(new Map([['x', list(5, 6)]]));
    expect([...first].map(([name, tensor]) => [name, ...numbers(tensor)])).toEqual([
      ['y', 2, 3],
      ['same', 2, 3],
      ['shared', 2, 3],
      ['z', 3, 4],
    ]);
    expect(numbers(second.get('y'))).toEqual([6, 7]);
  });

  it('gives inputs and constants as outputs and leaves feeds as they are', () => {
    const builder = new Builder();
    const x = builder.input('x', floats(2));
    const constant = builder.editor.constant(list(7, 8));
    builder
      .output('x again', x)
      .output('constant', constant)
      .output('sum', builder.node('Add', x, constant));
    const feed = list(1, 2);
    const results = builder.run({ x: feed });
    expect([...results.values()].map(numbers)).toEqual([
      [1, 2],
      [7, 8],
      [8, 10],
    ]);
    expect(numbers(feed)).toEqual([1, 2]);
    expect(numbers(constant.constant)).toEqual([7, 8]);
  });

  it('frees what a kernel takes for itself', () => {
    const greedy: Kernel = (node, inputs, arena) => {
      arena.tensor('float64', [500]).data.fill(NaN);
      const first = arena.scratch(10);
      const second = arena.scratch(10);
      first.fill(1);
      second.fill(2);
      expect(first[0]).toBe(1);
      return increment(node, inputs, arena);
    };
    const builder = chain(10);
    const program = prepare(builder.editor.graph, new Map([['Increment', greedy]]));
    const feeds = new Map([['x', Tensor.zeros('float32', [1000])]]);
    expect(numbers(program.run(feeds).get('y'))[0]).toBe(10);
    expect(program.reservedBytes).toBe(3 * 4032 + 2 * 40);
  });

  it('is whole again after a run that failed', () => {
    const builder = chain(3);
    let calls = 0;
    const failing: Kernel = (node, inputs, arena) => {
      if (++calls === 3) throw new Error('no');
      return increment(node, inputs, arena);
    };
    const program = prepare(builder.editor.graph, new Map([['Increment', failing]]));
    const feeds = new Map([['x', Tensor.zeros('float32', [1000])]]);
    expect(() => program.run(feeds)).toThrow('no');
    expect(numbers(program.run(feeds).get('y'))[0]).toBe(3);
    expect(program.reservedBytes).toBe(2 * 4032);
  });

  it('gives every reader the right values, whatever the graph', () => {
    const step = fc.record({ op: fc.constantFrom('Increment', 'Share', 'Add'), a: fc.nat(), b: fc.nat() });
    const graphs = fc.record({
      steps: fc.array(step, { minLength: 1, maxLength: 25 }),
      outputs: fc.array(fc.nat(), { minLength: 1, maxLength: 4 }),
      replaced: fc.array(fc.nat(), { maxLength: 3 }),
    });
    fc.assert(
      fc.property(graphs, ({ steps, outputs, replaced }) => {
        const builder = new Builder();
        const values = [
          builder.input('x', floats(40)),
          builder.editor.constant(Tensor.float32([40], Array(40).fill(5))),
        ];
        const expected = [1, 5];
        const marked = new Set(replaced.map((index) => 2 + (index % steps.length)));
        for (const { op, a, b } of steps) {
          const [i, j] = [a % values.length, b % values.length];
          values.push(op === 'Add' ? builder.node(op, values[i]!, values[j]!) : builder.node(op, values[i]!));
          const result = op === 'Add' ? expected[i]! + expected[j]! : expected[i]! + Number(op === 'Increment');
          expected.push(marked.has(expected.length) ? -1 : Math.fround(result));
        }
        for (const [n, index] of outputs.entries()) builder.output(`y${n}`, values[index % values.length]!);
        const program = prepare(builder.editor.graph, kernels);
        const run = (): number[][] =>
          [
            ...program
              .run(new Map([['x', Tensor.float32([40], Array(40).fill(1))]]), {
                observe: (value, _, arena) => {
                  if (!marked.has(values.indexOf(value))) return undefined;
                  const replacement = arena.tensor('float32', [40]);
                  replacement.data.fill(-1);
                  return replacement;
                },
              })
              .values(),
          ].map(numbers);
        const wanted = outputs.map((index) => Array<number>(40).fill(expected[index % values.length]!));
        expect(run()).toEqual(wanted);
        const { reservedBytes } = program;
        expect(run()).toEqual(wanted);
        expect(program.reservedBytes).toBe(reservedBytes);
      }),
      { seed: 71, numRuns: 300 },
    );
  });

  it('holds empty and scalar tensors', () => {
    const builder = new Builder();
    builder.output('none', builder.node('Increment', builder.input('x', floats(0, 3))));
    builder.output('scalar', builder.node('Increment', builder.input('s', floats())));
    const results = builder.run({ x: Tensor.zeros('float32', [0, 3]), s: Tensor.float32([], [4]) });
    expect(results.get('none')!.dims).toEqual([0, 3]);
    expect(numbers(results.get('scalar'))).toEqual([5]);
  });
});

describe('observers', () => {
  it('see inputs and results in order, unread ones too', () => {
    const builder = new Builder();
    const x = builder.input('x', floats(1));
    builder.input('unread', floats(1));
    const y = builder.node('Increment', x);
    builder.node('Increment', y);
    builder.output('z', builder.node('Add', y, builder.editor.constant(list(10))));
    const seen: [string, number][] = [];
    const program = prepare(builder.editor.graph, kernels);
    program.run(new Map([['x', list(1)], ['unread', list(-1)]]), {
      observe: (value, tensor) => {
        seen.push([value.name, numbers(tensor)[0]!]);
        return undefined;
      },
    }); // prettier-ignore
    expect(seen).toEqual([
      ['x', 1],
      ['unread', -1],
      ['Increment-node', 2],
      ['Increment-node_1', 3],
      ['Add-node', 12],
    ]);
  });

  it('replace a value for all later readers and outputs', () => {
    const builder = new Builder();
    const x = builder.input('x', floats(1));
    const y = builder.node('Increment', x);
    builder.output('y', y).output('sum', builder.node('Add', y, builder.node('Share', y)));
    const program = prepare(builder.editor.graph, kernels);
    const results = program.run(new Map([['x', list(1)]]), {
      observe: (value, tensor, arena) => {
        if (value === x) return list(100);
        if (value !== y) return undefined;
        expect(numbers(tensor)).toEqual([101]);
        const replacement = arena.tensor('float32', [1]);
        replacement.data[0] = 0.5;
        return replacement;
      },
    });
    expect(numbers(results.get('y'))).toEqual([0.5]);
    expect(numbers(results.get('sum'))).toEqual([1]);
    expect(program.reservedBytes).toBe(2 * 64);
  });

  it('may return the tensor they were given', () => {
    const builder = new Builder();
    builder.output('y', builder.node('Increment', builder.node('Increment', builder.input('x', floats(1)))));
    const results = prepare(builder.editor.graph, kernels).run(new Map([['x', list(1)]]), {
      observe: (_, tensor) => tensor,
    });
    expect(numbers(results.get('y'))).toEqual([3]);
  });

  it('may not return another shape', () => {
    const builder = new Builder();
    builder.output('y', builder.node('Increment', builder.input('x', floats(1))));
    const program = prepare(builder.editor.graph, kernels);
    expect(() => program.run(new Map([['x', list(1)]]), { observe: () => list(1, 2) })).toThrow(
      "'x' of the graph was computed as float32[2], inferred: float32[1]",
    );
  });

  it('may not run the program they observe', () => {
    const builder = new Builder();
    builder.output('y', builder.node('Increment', builder.input('x', floats(1))));
    const program = prepare(builder.editor.graph, kernels);
    const feeds = new Map([['x', list(1)]]);
    expect(() =>
      program.run(feeds, {
        observe: () => {
          program.run(feeds);
          return undefined;
        },
      }),
    ).toThrow(InternalError);
  });
});

describe('feeds', () => {
  const builder = new Builder();
  const x = builder.input('x', floats('N', 3));
  builder.input('y', { dtype: 'int64', shape: ['N'] });
  builder.output('z', builder.node('Increment', x));
  const good = { x: Tensor.zeros('float32', [2, 3]), y: Tensor.int64([1, 2]) };

  it('bind symbolic sizes', () => {
    expect(builder.run(good).get('z')!.dims).toEqual([2, 3]);
    const none = { x: Tensor.zeros('float32', [0, 3]), y: Tensor.int64([]) };
    expect(builder.run(none).get('z')!.dims).toEqual([0, 3]);
  });

  it.each([
    ['a missing feed', { x: good.x }, "input 'y' is missing; the model takes 'x' (float32[Nx3]), 'y' (int64[N])"],
    ['an unknown feed', { ...good, w: good.x }, "the model has no input 'w'; it takes 'x' (float32[Nx3])"],
    ['another type', { ...good, x: Tensor.zeros('int8', [2, 3]) }, "input 'x' is int8[2x3], accepted: float32[Nx3]"],
    ['another rank', { ...good, x: Tensor.zeros('float32', [3]) }, "input 'x' is float32[3], accepted: float32[Nx3]"],
    ['another size', { ...good, x: Tensor.zeros('float32', [2, 4]) }, "input 'x' is float32[2x4]"],
    [
      'sizes that contradict each other',
      { ...good, y: Tensor.int64([1, 2, 3]) },
      "input 'y' has size 3 along axis 0, accepted: 2, which input 'x' gives to 'N'",
    ],
  ])('refuse %s', (_, feeds, message) => {
    expect(() => builder.run(feeds)).toThrow(ExecutionFault);
    expect(() => builder.run(feeds)).toThrow(message);
  });

  it('are named like no property of an object', () => {
    const odd = new Builder();
    odd.output('toString', odd.node('Increment', odd.input('__proto__', floats(1))));
    const results = prepare(odd.editor.graph, kernels).run(new Map([['__proto__', list(1)]]));
    expect(numbers(results.get('toString'))).toEqual([2]);
    expect(() => prepare(odd.editor.graph, kernels).run(new Map())).toThrow("input '__proto__' is missing");
  });
});

describe('kernels', () => {
  const builder = new Builder();
  builder.output('y', builder.node('Increment', builder.input('x', floats('N'))));
  const feeds = { x: list(1) };
  const throwing = (error: unknown): KernelTable =>
    new Map([
      [
        'Increment',
        () => {
          throw error;
        },
      ],
    ]);

  it('must be there for every operator', () => {
    expect(() => prepare(builder.editor.graph, new Map())).toThrow(InternalError);
    expect(() => prepare(builder.editor.graph, new Map())).toThrow('there is no kernel for Increment');
  });

  it('are looked up by qualified name', () => {
    const editor = GraphEditor.create('test');
    const x = editor.addInput('x', floats(1));
    const node = editor.addNode({ op: 'Add', domain: 'q', inputs: [x, x], outputs: [{ type: x.type }] });
    editor.addOutput('y', node.outputs[0]!);
    expect(() => prepare(editor.graph, kernels)).toThrow('there is no kernel for q.Add');
  });

  it('report data that do not fit with the node that found it', () => {
    for (const fault of [new ExecutionFault('too long'), new OperatorFault('shape-mismatch', 'too long')]) {
      expect(() => builder.run(feeds, throwing(fault))).toThrow(ExecutionFault);
      expect(() => builder.run(feeds, throwing(fault))).toThrow("node 'Increment-node' (Increment): too long");
    }
  });

  it('that fail otherwise are defects', () => {
    expect(() => builder.run(feeds, throwing(new TypeError('x is undefined')))).toThrow(InternalError);
    expect(() => builder.run(feeds, throwing('odd'))).toThrow(
      "the kernel of node 'Increment-node' (Increment) failed: odd",
    );
  });

  it('must give what inference said', () => {
    const wrong: [Kernel, string][] = [
      [() => [], 'no tensor'],
      [() => [Tensor.zeros('int8', [1])], 'int8[1]'],
      [() => [Tensor.zeros('float32', [1, 1])], 'float32[1x1]'],
    ];
    for (const [kernel, found] of wrong) {
      expect(() => builder.run(feeds, new Map([['Increment', kernel]]))).toThrow(
        `computed as ${found}, inferred: float32[N]`,
      );
    }
  });

  it('need not give results without a name', () => {
    const editor = GraphEditor.create('test');
    const x = editor.addInput('x', floats(1, 1, 4));
    const node = editor.addNode({
      op: 'MaxPool',
      inputs: [x],
      outputs: [{ type: floats(1, 1, 3) }, { name: '', type: { dtype: 'int64', shape: [1, 1, 3] } }],
      attrs: Attributes.of({ kernel_shape: [2] }),
    });
    editor.addOutput('y', node.outputs[0]!);
    const onlyFirst: Kernel = (...call) => FLOAT_KERNELS.get('MaxPool')!(...call).slice(0, 1);
    const feed = new Map([['x', Tensor.float32([1, 1, 4], [1, 3, 2, 0])]]);
    for (const table of [FLOAT_KERNELS, new Map([['MaxPool', onlyFirst]])]) {
      expect(numbers(prepare(editor.graph, table).run(feed).get('y'))).toEqual([3, 3, 2]);
    }
  });

  it('may not ask for more memory than is accepted', () => {
    const huge: Kernel = (_, __, arena) => [arena.tensor('float32', [2 ** 20, 2 ** 20])];
    const scratch: Kernel = (_, __, arena) => [Tensor.zeros('float32', [arena.scratch(2 ** 40).length])];
    expect(() => builder.run(feeds, new Map([['Increment', huge]]))).toThrow(
      'a tensor of 1048576x1048576 needs 1099511627776 elements, at most 1073741824 are accepted',
    );
    expect(() => builder.run(feeds, new Map([['Increment', scratch]]))).toThrow(ExecutionFault);
  });
});

describe('symbolic sizes', () => {
  it('that do not fit each other are found by the kernel', () => {
    const editor = GraphEditor.create('test');
    const a = editor.addInput('a', floats('N', 'K'));
    const b = editor.addInput('b', floats('L', 2));
    const node = editor.addNode({ op: 'MatMul', name: 'product', inputs: [a, b], outputs: [{ type: floats('N', 2) }] });
    editor.addOutput('y', node.outputs[0]!);
    const program = prepare(editor.graph, FLOAT_KERNELS);
    const feed = (inner: number): Map<string, Tensor> =>
      new Map([
        ['a', Tensor.float32([1, 2], [3, 4])],
        ['b', Tensor.zeros('float32', [inner, 2])],
      ]);
    expect(program.run(feed(2)).get('y')!.dims).toEqual([1, 2]);
    expect(() => program.run(feed(3))).toThrow(ExecutionFault);
    expect(() => program.run(feed(3))).toThrow("node 'product' (MatMul): MatMul multiplies 1x2 by 3x2");
  });

  it('may change from run to run', () => {
    const editor = GraphEditor.create('test');
    const x = editor.addInput('x', floats('N', 1, 'W'));
    const w = editor.constant(Tensor.float32([1, 1, 2], [1, 10]));
    const conv = editor.addNode({ op: 'Conv', inputs: [x, w], outputs: [{ type: floats('N', 1, 'V') }] });
    editor.addOutput('y', conv.outputs[0]!);
    const program = prepare(editor.graph, FLOAT_KERNELS);
    for (const [dims, values, expected] of [
      [
        [1, 1, 3],
        [1, 2, 3],
        [21, 32],
      ],
      [
        [2, 1, 2],
        [1, 2, 3, 4],
        [21, 43],
      ],
      [
        [1, 1, 3],
        [4, 5, 6],
        [54, 65],
      ],
    ] as const) {
      const y = program.run(new Map([['x', Tensor.float32(dims, values)]])).get('y');
      expect(numbers(y)).toEqual(expected);
    }
  });

  it('and attributes that change are seen by a later program', () => {
    const editor = GraphEditor.create('test');
    const x = editor.addInput('x', floats(1, 1, 4));
    const pool = editor.addNode({
      op: 'AveragePool',
      inputs: [x],
      outputs: [{ type: floats(1, 1, 2) }],
      attrs: Attributes.of({ kernel_shape: [2], strides: [2] }),
    });
    editor.addOutput('y', pool.outputs[0]!);
    const feed = new Map([['x', Tensor.float32([1, 1, 4], [1, 3, 2, 6])]]);
    expect(numbers(prepare(editor.graph, FLOAT_KERNELS).run(feed).get('y'))).toEqual([2, 4]);
    editor.setAttributes(pool, Attributes.of({ kernel_shape: [3] }));
    expect(numbers(prepare(editor.graph, FLOAT_KERNELS).run(feed).get('y'))).toEqual([2, 11 / 3].map(Math.fround));
  });
});
