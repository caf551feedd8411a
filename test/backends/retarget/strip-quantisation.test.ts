import { describe, expect, it } from 'vitest';
import { fakeQuantised } from '../../../src/backends/retarget/fake-quantised.js';
import { integerTensors, realTensors } from '../../../src/backends/retarget/ports.js';
import { stripQuantisation } from '../../../src/backends/retarget/strip-quantisation.js';
import { UserError } from '../../../src/ir/diagnostics.js';
import { OPERATORS } from '../../../src/ir/ops/index.js';
import { importModel } from '../../../src/ir/onnx/import.js';
import { uniformSource } from '../../../src/ir/random.js';
import { sizeOf } from '../../../src/ir/shape.js';
import { Tensor } from '../../../src/ir/tensor.js';
import { verifyGraph } from '../../../src/ir/verify.js';
import { prepare } from '../../../src/runtime/executor.js';
import { FLOAT_KERNELS } from '../../../src/runtime/float/index.js';
import { QdqNetwork, randomIntegers, type GridSpec } from '../../support/qdq-network.js';

const IN: GridSpec = { scale: 0.05, zeroPoint: 3, type: 'int8' };
const RELU: GridSpec = { scale: 0.06, zeroPoint: 0, type: 'uint8' };
const OUT: GridSpec = { scale: 0.11, zeroPoint: 120, type: 'uint8' };

const next = uniformSource(4);
const W = { dims: [4, 2, 3, 3], integers: randomIntegers(next, 72, 'int8'), scales: [0.01] };
const BIAS = [5, -700, 1200, 33];

const padded = { kernel_shape: { ints: [3, 3] }, pads: { ints: [1, 1, 1, 1] } };

/** Conv(x) on a 2×5×5 map, every tensor in a pair of QuantizeLinear and DequantizeLinear. */
function convNet(build: (net: QdqNetwork, x: string) => string): QdqNetwork {
  const net = new QdqNetwork();
  const y = build(net, net.qdq(net.input('x', ['N', 2, 5, 5]), IN));
  net.op('Identity', [y], 'y');
  net.output('y', ['N', 4, 5, 5]);
  return net;
}

const biasOf = (net: QdqNetwork): string =>
  net.weights('b', { dims: [4], integers: BIAS, scales: [IN.scale * 0.01], type: 'int32' });

/** A layer of integers from x (int8) to y, in the words of ONNX Runtime's quantiser. */
function operatorNet(op: string): QdqNetwork {
  const net = new QdqNetwork();
  const x = net.quantise(net.input('x', ['N', 2, 5, 5]), 'x_q', IN);
  const w = [net.integers('w_q', W.dims, W.integers, 'int8'), net.floats('w_s', [4], [0.01, 0.02, 0.005, 0.01])];
  const zero = net.integers('w_z', [4], [0, 0, 0, 0], 'int8');
  const bias = net.integers('b_q', [4], BIAS, 'int32');
  const y = net.op(op, [x, ...net.grid('x', IN), ...w, zero, ...net.grid('c', RELU), bias], 'c_q', padded);
  const pooled = net.op('MaxPool', [y], 'p_q', { kernel_shape: { ints: [5, 5] } });
  const flat = net.op('Flatten', [pooled], 'f_q', { axis: { int: 1 } });
  const fc = [
    net.integers('fc_q', [4, 3], randomIntegers(next, 12, 'uint8'), 'uint8'),
    net.floats('fc_s', [3], [0.02, 0.03, 0.01]),
  ];
  const fcZero = net.integers('fc_z', [3], [128, 120, 131], 'uint8');
  const product = net.op('QLinearMatMul', [flat, ...net.grid('f', RELU), ...fc, fcZero, ...net.grid('m', OUT)], 'm_q');
  net.dequantise(product, 'y', OUT);
  net.output('y', ['N', 3]);
  return net;
}

/** y = QGemm(x) of ONNX Runtime with alpha, a bias and a transposed weight. */
function gemmNet(quantised: boolean): QdqNetwork {
  const net = new QdqNetwork();
  const x = net.quantise(net.input('x', ['N', 6]), 'x_q', IN);
  const w = [
    net.integers('w_q', [3, 6], randomIntegers(next, 18, 'int8'), 'int8'),
    ...net.grid('w', { scale: 0.02, type: 'int8' }),
  ];
  const bias = net.integers('b_q', [3], [12, -400, 77], 'int32');
  const result = quantised ? net.grid('g', OUT) : [];
  const attributes = { alpha: { float: 0.5 }, transB: { int: 1 } };
  const y = net.op('QGemm', [x, ...net.grid('a', IN), ...w, bias, ...result], 'g_q', attributes, 'com.microsoft');
  if (quantised) net.dequantise(y, 'y', OUT);
  else net.op('Identity', [y], 'y');
  net.output('y', ['N', 3]);
  return net;
}

/** Integers at both ends, moved about as integers, and an addition of ONNX Runtime's. */
function integerNet(): QdqNetwork {
  const net = new QdqNetwork();
  const x = net.input('x', ['N', 4, 4], 'int8');
  const turned = net.op('Transpose', [x], 't', { perm: { ints: [0, 2, 1] } });
  const flat = net.op('Reshape', [turned, net.int64s('shape', [0, 16])], 'r');
  const w = net.weights('w', { dims: [16, 16], integers: randomIntegers(next, 256, 'int8'), scales: [0.01] });
  const product = net.op('MatMul', [net.dequantise(flat, 'r_dq', IN), w], 'm');
  const q = net.quantise(product, 'm_q', OUT);
  const sum = net.op(
    'QLinearAdd',
    [
      q,
      ...net.grid('p', OUT),
      flat,
      ...net.grid('s', IN),
      ...net.grid('sum', { scale: 0.2, zeroPoint: -5, type: 'int8' }),
    ],
    'y',
    {},
    'com.microsoft',
  );
  net.output(sum, ['N', 16], 'int8');
  return net;
}

interface Case {
  readonly name: string;
  readonly net: QdqNetwork;
  readonly opset?: number;
  /** Grids of the float tensors that are named. */
  readonly grids: Readonly<Record<string, number>>;
  /** Operators of the stripped graph, in order. */
  readonly operators: readonly string[];
}

const CASES: readonly Case[] = [
  {
    name: 'weights per tensor and an activation function that the quantisation stands for',
    net: convNet((net, x) => net.qdq(net.op('Conv', [x, net.weights('w', W), biasOf(net)], 'c', padded), RELU)),
    grids: { x: 0.05, c: 0.06 },
    operators: ['DequantizeLinear', 'DequantizeLinear', 'Conv', 'Clip', 'Identity'],
  },
  {
    name: 'weights per channel, a Relu and a float bias, at opset 13',
    net: convNet((net, x) => {
      const w = net.weights('w', { ...W, scales: [0.01, 0.02, 0.03, 0.04], zeroPoints: [0, 1, -2, 0] });
      const c = net.op('Conv', [x, w, net.floats('b', [4], [0.1, -0.2, 0.3, 0])], 'c', padded);
      return net.qdq(net.op('Relu', [c], 'r'), RELU);
    }),
    grids: { x: 0.05, r: 0.06 },
    operators: ['DequantizeLinear', 'Conv', 'Relu', 'Identity'],
  },
  {
    name: 'float weights behind a pair of their own, at opset 10',
    net: convNet((net, x) => {
      const w = net.qdq(
        net.floats(
          'w',
          W.dims,
          W.integers.map((q) => q * 0.0101),
        ),
        { scale: 0.01, type: 'int8' },
      );
      return net.qdq(net.op('Conv', [x, w], 'c', padded), OUT);
    }),
    opset: 10,
    grids: { x: 0.05, c: 0.11 },
    operators: ['DequantizeLinear', 'Conv', 'Identity'],
  },
  {
    name: 'a pair whose scales differ',
    net: convNet((net, x) => {
      const c = net.op('Conv', [x, net.weights('w', W)], 'c', padded);
      return net.dequantise(net.quantise(c, 'c_q', OUT), 'c_dq', { ...OUT, scale: 0.22, zeroPoint: 100 });
    }),
    grids: { x: 0.05, c: 0.11 },
    operators: ['DequantizeLinear', 'Conv', 'Mul', 'Add', 'Identity'],
  },
  {
    name: 'QLinearConv, movers of integers and QLinearMatMul',
    net: operatorNet('QLinearConv'),
    grids: { x: 0.05, c_q: 0.06, y: 0.11 },
    operators: ['Conv', 'Clip', 'MaxPool', 'Flatten', 'MatMul'],
  },
  {
    name: 'QGemm with integers behind it',
    net: gemmNet(true),
    grids: { x: 0.05, y: 0.11 },
    operators: ['MatMul', 'Add', 'Mul', 'Mul', 'Mul'],
  },
  {
    name: 'QGemm with real numbers behind it',
    net: gemmNet(false),
    grids: { x: 0.05 },
    operators: ['MatMul', 'Add', 'Mul', 'Mul', 'Identity'],
  },
  {
    name: 'integers at both ends',
    net: integerNet(),
    grids: { x: 0.05, m: 0.11, y: 0.2 },
    operators: ['Transpose', 'Reshape', 'DequantizeLinear', 'MatMul', 'Add'],
  },
];

const strip = (bytes: Uint8Array) => {
  const { graph } = importModel(bytes);
  return { source: graph, ...stripQuantisation(graph, { report: () => undefined, file: 'model' }) };
};

describe('stripQuantisation', () => {
  it.each(CASES)('takes out $name', ({ net, opset, grids, operators }) => {
    const stripped = strip(net.bytes(opset));
    expect(verifyGraph(stripped.graph, OPERATORS)).toEqual([]);
    expect(stripped.graph.nodes.map(({ op }) => op)).toEqual(operators);
    expect(Object.fromEntries([...stripped.grids].map(([name, { scale }]) => [name, scale]))).toMatchObject(
      Object.fromEntries(Object.entries(grids).map(([name, scale]) => [name, Math.fround(scale)])),
    );
  });

  it.each(CASES)('says enough to compute what the model computes: $name', ({ net, opset }) => {
    const { source, graph, grids, inputs, outputs } = strip(net.bytes(opset));
    const [input] = graph.inputs;
    const dims = input?.type.shape.map((dim) => (typeof dim === 'number' ? dim : 40)) ?? [];
    const random = uniformSource(9);
    const feeds = new Map([
      [
        'x',
        Tensor.float32(
          dims,
          Float32Array.from({ length: sizeOf(dims) }, () => 7 * random()),
        ),
      ],
    ]);
    const whole = integerTensors(feeds, inputs);
    const expected = realTensors(prepare(source, FLOAT_KERNELS).run(whole), outputs).get('y')?.toNumbers() ?? [];
    const rounded = fakeQuantised(graph, grids).graph;
    const actual = prepare(rounded, FLOAT_KERNELS).run(realTensors(whole, inputs)).get('y')?.toNumbers() ?? [];
    expect(actual).toHaveLength(expected.length);
    const step = Math.max(...[...grids.values()].map(({ scale }) => scale)) * 2;
    const differing = expected.filter(
      (value, i) => Math.abs(value - (actual[i] ?? NaN)) > 1e-4 * Math.abs(value) + 1e-5,
    );
    // A sum that float32 rounds otherwise may cross the middle between two integers, in few elements and by one step.
    expect(differing.length).toBeLessThan(0.02 * expected.length);
    for (const [i, value] of expected.entries()) expect(Math.abs(value - (actual[i] ?? NaN))).toBeLessThanOrEqual(step);
    expect(new Set(expected).size).toBeGreaterThan(3);
  });

  it('says how inputs and outputs were integers', () => {
    const { inputs, outputs, graph } = strip(integerNet().bytes());
    expect(graph.inputs.map(({ type }) => type.dtype)).toEqual(['float32']);
    expect([...inputs]).toMatchObject([['x', { dtype: 'int8', grid: { scale: Math.fround(0.05), zeroPoint: 3 } }]]);
    expect([...outputs]).toMatchObject([['y', { dtype: 'int8', grid: { scale: Math.fround(0.2), zeroPoint: -5 } }]]);
  });

  it('takes integers that DequantizeLinear reads from the input of the model, twice', () => {
    const net = new QdqNetwork();
    const x = net.input('x', ['N', 3], 'int8');
    const sum = net.op('Add', [net.dequantise(x, 'a', IN), net.dequantise(x, 'b', IN)], 'sum');
    net.dequantise(net.quantise(sum, 'y_q', OUT), 'y', OUT);
    net.output('y', ['N', 3]);
    const { inputs, graph } = strip(net.bytes());
    expect(graph.inputs.map(({ type }) => type.dtype)).toEqual(['float32']);
    expect(graph.nodes.filter(({ op }) => op.endsWith('Linear'))).toEqual([]);
    expect([...inputs]).toMatchObject([['x', { dtype: 'int8', grid: { scale: Math.fround(0.05), zeroPoint: 3 } }]]);
  });

  it('says how the weights of each layer were integers', () => {
    const { source, weights } = strip(operatorNet('QLinearConv').bytes());
    const byName = new Map(
      [...weights].map(([index, trained]) => [
        source.nodes.flatMap(({ origins }) => origins).find((origin) => origin.index === index)?.op,
        trained,
      ]),
    );
    expect(byName.get('QLinearConv')?.scales).toHaveLength(4);
    expect(byName.get('QLinearMatMul')?.scales).toEqual([0.02, 0.03, 0.01].map(Math.fround));
  });

  it('keeps no bound of its own where the model has one', () => {
    const net = convNet((n, x) => {
      const c = n.op('Conv', [x, n.weights('w', W)], 'c', padded);
      return n.qdq(n.op('MaxPool', [n.op('Relu', [c], 'r')], 'p', { kernel_shape: { ints: [1, 1] } }), RELU);
    });
    expect(strip(net.bytes()).graph.nodes.map(({ op }) => op)).not.toContain('Clip');
  });

  it('leaves the source graph as it is', () => {
    const { graph } = importModel(operatorNet('QLinearConv').bytes());
    const before = graph.nodes.length;
    stripQuantisation(graph, { report: () => undefined, file: 'model' });
    expect(graph.nodes).toHaveLength(before);
  });
});

describe('refusals', () => {
  const refusal = (build: (net: QdqNetwork, x: string) => string): string[] => {
    const net = convNet(build);
    try {
      strip(net.bytes());
    } catch (error) {
      if (error instanceof UserError) return error.diagnostics.map(({ code, message }) => `${code}: ${message}`);
      throw error;
    }
    return [];
  };

  it('names dynamic quantisation', () => {
    const net = new QdqNetwork();
    const x = net.input('x', ['N', 4]);
    net.op('DynamicQuantizeLinear', [x], 'q');
    net.output('q', ['N', 4], 'uint8');
    expect(() => strip(net.bytes())).toThrow(
      /DynamicQuantizeLinear chooses scales at run time, accepted: scales that are constants/,
    );
  });

  it('names scales that the model computes', () => {
    expect(
      refusal((net, x) => {
        const scale = net.op('ReduceMax', [x], 'peak', { keepdims: { int: 0 } });
        return net.op('DequantizeLinear', [net.op('QuantizeLinear', [x, scale], 'q'), scale], 'd');
      }),
    ).toEqual(['computed-quantisation: the scale of QuantizeLinear is computed at run time, accepted: constants']);
  });

  it('names scales that are no positive numbers', () => {
    expect(refusal((net, x) => net.qdq(net.op('Relu', [x], 'r'), { scale: 0, type: 'int8' }))).toEqual([
      'quantisation-scale: a scale of QuantizeLinear is 0, negative or no number, accepted: positive numbers',
    ]);
  });

  it('names floats of 8 bits', () => {
    expect(
      refusal((net, x) => {
        const scale = net.floats('scale', [], [0.5]);
        const q = net.op('QuantizeLinear', [x, scale], 'q', { output_dtype: { int: 17 } });
        return net.op('DequantizeLinear', [q, scale], 'd');
      }),
    ).toEqual([
      'quantised-floats: QuantizeLinear stands for real numbers as float8e4m3fn, accepted: integers of 2 to 16 bits',
    ]);
  });

  it('names arithmetic on integers, all of it', () => {
    const problems = refusal((net, x) => {
      const q = net.quantise(x, 'first', IN);
      const odd = net.op('Add', [q, net.integers('one', [], [1], 'int8')], 'odd');
      const other = net.op('Mul', [net.quantise(x, 'second', IN), net.integers('two', [], [2], 'int8')], 'other');
      return net.op('Add', [net.dequantise(odd, 'a', IN), net.dequantise(other, 'b', IN)], 'sum');
    });
    expect(problems).toEqual([
      'integer-arithmetic: Add computes with quantised integers, accepted: layers, and operators that move integers',
      'integer-arithmetic: Mul computes with quantised integers, accepted: layers, and operators that move integers',
    ]);
  });
});
