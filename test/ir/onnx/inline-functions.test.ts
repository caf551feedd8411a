import { describe, expect, it } from 'vitest';
import { UserError, type Diagnostic } from '../../../src/ir/diagnostics.js';
import { importModel } from '../../../src/ir/onnx/import.js';
import { opName } from '../../../src/ir/graph.js';
import { Tensor } from '../../../src/ir/tensor.js';
import { verifyGraph } from '../../../src/ir/verify.js';
import { OPERATORS } from '../../../src/ir/ops/index.js';
import { openModel } from '../../../src/backends/run.js';
import { floats, modelBytes, type FunctionSpec, type ModelSpec, type NodeSpec } from '../../support/onnx-builder.js';
import { runInOrt } from '../../support/ort-session.js';

const DIMS = [2, 3, 4] as const;
const X = Tensor.float32(
  DIMS,
  Array.from({ length: 24 }, (_, i) => 2 * Math.sin(i * i + 1)),
);

const model = (functions: readonly FunctionSpec[], nodes: readonly NodeSpec[], rest: ModelSpec = {}): ModelSpec => ({
  inputs: [{ name: 'x', shape: DIMS }],
  outputs: [{ name: 'y' }],
  imports: [['pkg', 1]],
  functions,
  nodes,
  ...rest,
});

const unary = (name: string, nodes: readonly NodeSpec[], rest: Partial<FunctionSpec> = {}): FunctionSpec => ({
  domain: 'pkg',
  name,
  inputs: ['a'],
  outputs: ['b'],
  nodes,
  ...rest,
});

const call = (op: string, rest: Partial<NodeSpec> = {}): NodeSpec => ({
  op,
  domain: 'pkg',
  name: 'call',
  inputs: ['x'],
  outputs: ['y'],
  ...rest,
});

const SWISH = unary('Swish', [
  { op: 'Sigmoid', name: 'gate', inputs: ['a'], outputs: ['s'] },
  { op: 'Mul', inputs: ['a', 's'], outputs: ['b'] },
]);

const LEAKY: readonly NodeSpec[] = [
  { op: 'LeakyRelu', inputs: ['a'], outputs: ['b'], attributes: { alpha: { ref: 'slope', type: 1 } } },
];

const names = (spec: ModelSpec): string[] =>
  importModel(modelBytes(spec)).graph.nodes.map((node) => `${node.name}: ${opName(node)}`);

function refusals(spec: ModelSpec): readonly Diagnostic[] {
  try {
    importModel(modelBytes(spec));
  } catch (error) {
    if (error instanceof UserError) return error.diagnostics;
    throw error;
  }
  return [];
}

const messages = (spec: ModelSpec): string[] => refusals(spec).map(({ message }) => message);

/** Sigmoids and the like of two libraries differ in the last bits of float32. */
const CLOSE = 6;

const own = (spec: ModelSpec): readonly number[] => {
  const [result] = openModel(modelBytes(spec))
    .run(new Map([['x', X]]))
    .values();
  return result?.toNumbers() ?? [];
};

async function expectAsInOrt(spec: ModelSpec): Promise<void> {
  const theirs = (await runInOrt(modelBytes(spec), new Map([['x', X]]))).get('y')?.toNumbers() ?? [];
  const results = own(spec);
  expect(results).toHaveLength(theirs.length);
  for (const [i, result] of results.entries()) expect(result).toBeCloseTo(theirs[i] ?? NaN, CLOSE);
}

describe('functions of the model compute what they do in ONNX Runtime', () => {
  const cases: readonly (readonly [string, ModelSpec])[] = [
    ['a function', model([SWISH], [call('Swish')])],
    [
      'calls of a function in a row',
      model([SWISH], [call('Swish', { outputs: ['m'] }), call('Swish', { name: 'second', inputs: ['m'] })]),
    ],
    [
      'functions that call functions, defined in any order',
      model(
        [
          unary(
            'Block',
            [
              { op: 'Swish', domain: 'pkg', inputs: ['a'], outputs: ['s'] },
              { op: 'Swish', domain: 'pkg', inputs: ['s'], outputs: ['t'] },
              { op: 'Add', inputs: ['a', 't'], outputs: ['b'] },
            ],
            { imports: [['pkg', 1]] },
          ),
          SWISH,
        ],
        [call('Block')],
      ),
    ],
    [
      'an attribute that the call gives',
      model([unary('F', LEAKY, { attributes: ['slope'] })], [call('F', { attributes: { slope: { float: 0.5 } } })]),
    ],
    ['an attribute that no one gives', model([unary('F', LEAKY, { attributes: ['slope'] })], [call('F')])],
    ['the default of an attribute', model([unary('F', LEAKY, { defaults: { slope: { float: 0.25 } } })], [call('F')])],
    [
      'another value than the default',
      model(
        [unary('F', LEAKY, { defaults: { slope: { float: 0.25 } } })],
        [call('F', { attributes: { slope: { float: 0.75 } } })],
      ),
    ],
    [
      'an attribute that is handed down',
      model(
        [
          unary(
            'Outer',
            [
              {
                op: 'F',
                domain: 'pkg',
                inputs: ['a'],
                outputs: ['b'],
                attributes: { slope: { ref: 'tilt', type: 1 } },
              },
            ],
            { attributes: ['tilt'], imports: [['pkg', 1]] },
          ),
          unary('F', LEAKY, { defaults: { slope: { float: 0.25 } } }),
        ],
        [
          call('Outer', { outputs: ['m'], attributes: { tilt: { float: 0.5 } } }),
          call('Outer', { name: 'open', inputs: ['m'] }),
        ],
      ),
    ],
    [
      'a list as a constant',
      model(
        [
          unary(
            'F',
            [
              { op: 'Constant', outputs: ['dims'], attributes: { value_ints: { ref: 'dims', type: 7 } } },
              { op: 'Reshape', inputs: ['a', 'dims'], outputs: ['b'] },
            ],
            { attributes: ['dims'] },
          ),
        ],
        [call('F', { attributes: { dims: { ints: [4, -1] } } })],
      ),
    ],
    [
      'inputs that are left out',
      model(
        [unary('F', [{ op: 'Clip', inputs: ['a', 'low', 'high'], outputs: ['b'] }], { inputs: ['a', 'low', 'high'] })],
        [call('F', { inputs: ['x', '', 'six'], outputs: ['m'] }), call('F', { name: 'second', inputs: ['m'] })],
        { initializers: [{ ...floats('six', [], [1]) }] },
      ),
    ],
    [
      'outputs that are left out',
      model(
        [
          unary(
            'F',
            [
              { op: 'Relu', inputs: ['a'], outputs: ['b'] },
              { op: 'Neg', inputs: ['b'], outputs: ['c'] },
            ],
            { outputs: ['b', 'c'] },
          ),
        ],
        [call('F', { outputs: ['', 'y'] })],
      ),
    ],
    [
      'overloads',
      model(
        [
          { ...SWISH, overload: 'smooth' },
          { ...unary('Swish', [{ op: 'Neg', inputs: ['a'], outputs: ['b'] }]), overload: 'hard' },
        ],
        [
          call('Swish', { overload: 'hard', outputs: ['m'] }),
          call('Swish', { name: 'second', overload: 'smooth', inputs: ['m'] }),
        ],
        { irVersion: 10 },
      ),
    ],
    [
      'an operator that a function of its name does not replace',
      model([{ ...SWISH, domain: '', name: 'Relu' }], [{ op: 'Relu', inputs: ['x'], outputs: ['y'] }]),
    ],
    ['names that objects of JavaScript have', model([unary('__proto__', SWISH.nodes ?? [])], [call('__proto__')])],
  ];

  it.each(cases)('%s', async (_, spec) => {
    expect(() => verifyGraph(importModel(modelBytes(spec)).graph, OPERATORS)).not.toThrow();
    await expectAsInOrt(spec);
  });

  it('what stands in the function as what stands in its place', () => {
    const outside = { op: 'Softmax', inputs: ['x'], outputs: ['y'] };
    const inside = unary('F', [{ op: 'Softmax', inputs: ['a'], outputs: ['b'] }], { opset: 11 });
    expect(own(model([inside], [call('F')], { opset: 13 })), 'of its own opset').toEqual(
      own(model([], [outside], { opset: 11 })),
    );
    expect(own(model([], [outside], { opset: 11 }))).not.toEqual(own(model([], [outside], { opset: 13 })));
  });

  it('an output that is an input, and one that comes twice', () => {
    const f = unary('F', [{ op: 'Neg', inputs: ['a'], outputs: ['b'] }], { outputs: ['a', 'b', 'b'] });
    const spec = model(
      [f],
      [call('F', { outputs: ['p', 'q', 'r'] }), { op: 'Sum', inputs: ['p', 'q', 'r'], outputs: ['y'] }],
    );
    expect(own(spec)).toEqual(X.toNumbers().map((x) => -x));
  });
});

describe('inlineFunctions', () => {
  it('names what is in a function after the call', () => {
    const block = unary('Block', [
      { op: 'Swish', domain: 'pkg', name: 'act', inputs: ['a'], outputs: ['s'] },
      { op: 'Neg', inputs: ['s'], outputs: ['b'] },
    ]);
    const nodes = [call('Block', { outputs: ['m'] }), call('Block', { inputs: ['m'], outputs: ['n'] })];
    const spec = model([block, SWISH], [...nodes, call('Swish', { name: '', inputs: ['n'] })]);
    expect(names(spec)).toEqual([
      'call/act/gate: Sigmoid',
      'call/act/Mul_1: Mul',
      'call/Neg_1: Neg',
      'call/act_1/gate: Sigmoid',
      'call/act_1/Mul_1: Mul',
      'call/Neg_1_1: Neg',
      'Swish_6/gate: Sigmoid',
      'Swish_6/Mul_1: Mul',
    ]);
    const { graph } = importModel(modelBytes(spec));
    const tensors = graph.nodes.flatMap(({ outputs }) => outputs.map(({ name }) => name));
    expect(new Set(tensors).size).toBe(tensors.length);
    expect(tensors).toEqual(expect.arrayContaining(['m', 'n', 'y', 'call/s']));
  });

  it('keeps away from names of the graph', () => {
    const spec = model(
      [SWISH],
      [call('Swish', { outputs: ['call/s'] }), { op: 'Neg', inputs: ['call/s'], outputs: ['y'] }],
    );
    const { graph } = importModel(modelBytes(spec));
    expect(graph.nodes.map(({ outputs }) => outputs[0]?.name)).toEqual(['call/s_1', 'call/s', 'y']);
  });

  it('takes the sizes that a function declares', () => {
    const nodes = [
      { op: 'NonZero', inputs: ['a'], outputs: ['n'] },
      { op: 'Cast', inputs: ['n'], outputs: ['b'], attributes: { to: { int: 1 } } },
    ];
    const f = unary('F', nodes, { valueInfo: [{ name: 'n', type: 7, shape: [3, 5] }] });
    const shapes = importModel(modelBytes(model([f], [call('F')]))).graph.nodes.map(
      ({ outputs }) => outputs[0]?.type.shape,
    );
    expect(shapes).toEqual([
      [3, 5],
      [3, 5],
    ]);
  });

  it('tells what was inlined and what was not', () => {
    const { normalisations } = importModel(
      modelBytes(
        model(
          [SWISH, { ...SWISH, name: 'Idle' }, { ...SWISH, domain: '', name: 'Neg' }],
          [call('Swish', { outputs: ['m'] }), { op: 'Neg', name: 'n', inputs: ['m'], outputs: ['y'] }],
        ),
      ),
    );
    expect(normalisations.map(({ from, to, text }) => `${from} → ${to}: ${text}`)).toEqual([
      '1 local function → inlined: pkg.Swish in 1 call',
      '1 local function → ignored: the operator of that name counts: Neg',
      '1 local function → ignored: called by no node',
    ]);
  });

  it('inlines a function of the name of an operator that its opset does not have', () => {
    const gelu = { ...SWISH, domain: '', name: 'Gelu' };
    const node = { op: 'Gelu', name: 'g', inputs: ['x'], outputs: ['y'] };
    expect(names(model([gelu], [node]))).toEqual(['g/gate: Sigmoid', 'g/Mul_1: Mul']);
    expect(names(model([gelu], [node], { opset: 20 }))).toEqual(['g: Gelu']);
  });

  it('warns of what a function ignores or leaves open', () => {
    const spec = model([{ ...SWISH, opset: null }], [call('Swish', { attributes: { slope: { float: 1 } } })]);
    expect(importModel(modelBytes(spec)).diagnostics.map(({ message }) => message)).toEqual([
      'the attribute slope is given to the function pkg.Swish, which has none of that name; it is ignored',
      'the function pkg.Swish does not import ai.onnx; opset 17 of the model counts',
    ]);
  });

  const NEG = { op: 'Neg', inputs: ['a'], outputs: ['b'] };
  const to = (op: string): NodeSpec => ({ op, domain: 'pkg', inputs: ['a'], outputs: ['b'] });
  const refused: readonly (readonly [string, ModelSpec, string])[] = [
    [
      'a function that calls itself',
      model([unary('F', [to('F')])], [call('F')]),
      'the function pkg.F calls itself, so it has no end',
    ],
    [
      'functions that call each other',
      model([unary('F', [to('G')]), unary('G', [to('H')]), unary('H', [to('F')])], [call('F')]),
      'the function pkg.F calls itself through pkg.G, pkg.H, so it has no end',
    ],
    [
      'a circle that the call leads into',
      model([unary('G', [to('G')]), unary('F', [to('G')])], [call('F')]),
      'the function pkg.G calls itself, so it has no end',
    ],
    [
      'calls that nest deeply',
      model(
        [unary('F0', [NEG]), ...Array.from({ length: 100 }, (_, i) => unary(`F${i + 1}`, [to(`F${i}`)]))],
        [call('F100')],
      ),
      'the calls of the function pkg.F100 nest more than 100 deep',
    ],
    ['two definitions', model([SWISH, SWISH], [call('Swish')]), 'the model defines the function pkg.Swish twice'],
    [
      'too many inputs',
      model([SWISH], [call('Swish', { inputs: ['x', 'x'] })]),
      '2 inputs are given to the function pkg.Swish, which has 1',
    ],
    [
      'too many outputs',
      model([SWISH], [call('Swish', { outputs: ['y', 'z'] })]),
      '2 outputs are taken from the function pkg.Swish, which has 1',
    ],
    [
      'an attribute that is given twice',
      model(
        [unary('F', LEAKY, { attributes: ['slope'] })],
        [call('F', { attributes: [['slope', { float: 1 }] as const, ['slope', { float: 2 }] as const] })],
      ),
      'the function pkg.F is given an attribute twice',
    ],
    [
      'an attribute of another type',
      model([unary('F', LEAKY, { attributes: ['slope'] })], [call('F', { attributes: { slope: { string: 'a' } } })]),
      'attribute alpha of LeakyRelu is string, expected float',
    ],
    [
      'an output that nothing computes',
      model([unary('F', [NEG], { outputs: ['b', 'c'] })], [call('F')]),
      "the function pkg.F has an output 'c' that none of its nodes computes",
    ],
    [
      'a tensor that is defined twice',
      model([unary('F', [NEG, NEG])], [call('F')]),
      "the function pkg.F defines the tensor 'b' twice",
    ],
    [
      'a tensor that hides an input',
      model([unary('F', [NEG], { inputs: ['a', 'b'] })], [call('F')]),
      "the function pkg.F defines the tensor 'b' twice",
    ],
    [
      'two inputs of a name',
      model([unary('F', [NEG], { inputs: ['a', 'a'] })], [call('F')]),
      "the function pkg.F has two inputs 'a'",
    ],
    [
      'an unknown opset',
      model([unary('F', [NEG], { opset: 99 })], [call('F')]),
      'the function pkg.F is of opset 99, opsets 1 to 27 are accepted',
    ],
    [
      'a tensor of the graph around it',
      model([unary('F', [{ op: 'Neg', inputs: ['x'], outputs: ['b'] }])], [call('F')]),
      "the input 'call/x' is no graph input, no initializer and no result of a node",
    ],
    [
      'control flow within',
      model([unary('F', [{ op: 'If', inputs: ['a'], outputs: ['b'] }])], [call('F')]),
      'the operator If is not supported: control flow cannot be compiled',
    ],
  ];

  it.each(refused)('refuses %s', (_, spec, message) => {
    expect(messages(spec)).toEqual([message]);
  });

  it('says where in a function a problem is', () => {
    const spec = model([unary('F', [{ op: 'Ghost', name: 'g', inputs: ['a'], outputs: ['b'] }])], [call('F')]);
    expect(refusals(spec).map(({ at }) => at)).toEqual([{ nodeIndex: 0, node: 'call/g', op: 'Ghost' }]);
  });

  it('refuses calls that multiply without end', () => {
    const twice = (i: number): FunctionSpec =>
      unary(`F${i + 1}`, [
        { op: `F${i}`, domain: 'pkg', inputs: ['a'], outputs: ['m'] },
        { op: `F${i}`, domain: 'pkg', inputs: ['m'], outputs: ['b'] },
      ]);
    const grown = (levels: number): ModelSpec =>
      model([unary('F0', [NEG]), ...Array.from({ length: levels }, (_, i) => twice(i))], [call(`F${levels}`)]);
    expect(names(grown(6))).toHaveLength(64);
    // 2^i calls on level i from the top, and a Neg in each of the lowest.
    expect(messages(grown(16))).toEqual([
      `the functions of the model, inlined wherever they are called, make ${2 ** 17 - 2 + 2 ** 16} nodes, at most 100000 are accepted`,
    ]);
    expect(messages(grown(90))).toEqual([
      'the functions of the model, inlined wherever they are called, make countless nodes, at most 100000 are accepted',
    ]);
  });

  it('refuses names and constants that multiply without end', () => {
    const large =
      'the functions of the model, inlined wherever they are called, make more than 67108864 bytes of names and constants';
    const chain = Array.from({ length: 600 }, (_, i) => ({ op: 'Neg', inputs: [`t${i}`], outputs: [`t${i + 1}`] }));
    const long = unary('Long', chain, { inputs: ['t0'], outputs: ['t600'] });
    expect(messages(model([long], [call('Long', { name: 'n'.repeat(2 ** 16) })]))).toEqual([large]);
    const weights = floats('', [2 ** 16], new Array<number>(2 ** 16).fill(1));
    const f = unary('F', [
      { op: 'Constant', outputs: ['w'], attributes: { value: { tensor: weights } } },
      { op: 'Add', inputs: ['a', 'w'], outputs: ['b'] },
    ]);
    const calls = Array.from({ length: 260 }, (_, i) => call('F', { name: `c${i}`, outputs: [`y${i}`] }));
    expect(messages(model([f], calls, { outputs: [{ name: 'y1' }] }))).toEqual([large]);
  });
});
