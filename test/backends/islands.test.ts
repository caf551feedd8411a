import { describe, expect, it } from 'vitest';
import { TINPU_KERNELS } from '../../src/backends/tinpu/dialect.js';
import { liftCarrier } from '../../src/backends/tinpu/lift/lift.js';
import { exportModel } from '../../src/ir/onnx/export.js';
import { importModel } from '../../src/ir/onnx/import.js';
import { OPERATORS } from '../../src/ir/ops/index.js';
import { parseGraph } from '../../src/ir/text/parse.js';
import { randomInput, roundTrip, type ModelInput } from '../support/compile-round-trip.js';
import { runGraph } from '../support/random-runs.js';

/** Float operators between integer layers: [N,8,6,6] of a convolution in front, what reads the island behind. */
interface IslandCase {
  readonly name: string;
  /** Constants and nodes from %a: float32[N,8,6,6] to %b. */
  readonly body: string;
  /** Reads %b and makes %y; a pointwise convolution unless given. */
  readonly tail?: string;
  /** Operators of the islands in the report. */
  readonly operators: readonly (readonly string[])[];
  /** Why ONNX Runtime may round elements of the island otherwise in the last bit; bits are equal when omitted. */
  readonly inexact?: string;
}

const INPUT: ModelInput = { name: 'x', shape: ['N', 4, 6, 6], amplitude: 2 };

const POINTWISE = `const %k: float32[5,8,1,1] = random 2
%y = Conv(%b, %k) "y" @[90 "y" "Conv"]`;
/** From [N,4] on. */
const DENSE = `const %k: float32[4,3] = random 3
%y = Gemm(%b, %k) "y" @[90 "y" "Gemm"]`;

/** The head's result as a sequence [36,N,8], and the last state [1,N,4] as a matrix. */
const recurrent = (call: string, gates: number): string => `const %rs: int64[3] = [0, 8, 36]
const %w: float32[1,${4 * gates},8] = random 4
const %r: float32[1,${4 * gates},4] = random 5
const %c: float32[1,${8 * gates}] = random 6
const %first: int64[1] = [0]
%rows = Reshape(%a, %rs) "rows" @[1 "rows" "Reshape"]
%seq = Transpose(%rows) {perm = [2, 0, 1]} "seq" @[2 "seq" "Transpose"]
${call}
%b = Squeeze(%h, %first) "state" @[4 "state" "Squeeze"]`;

const node = (op: string, args = '', constants = ''): Pick<IslandCase, 'body'> => ({
  body: `${constants}
%b = ${op}(%a${args.startsWith('{') || args === '' ? `) ${args}` : args} "i" @[1 "i" "${op}"]`,
});

const EXP = 'exponentials, error functions and the like differ in their last bits between libraries';
const SUMS = 'sums of many terms are rounded in another order';

const CASES: readonly IslandCase[] = [
  { name: 'Gelu', ...node('Gelu'), operators: [['Mul', 'Erf', 'Add', 'Mul', 'Mul']], inexact: EXP },
  {
    name: 'Gelu by tanh',
    ...node('Gelu', '{approximate = "tanh"}'),
    operators: [['Mul', 'Mul', 'Add', 'Mul', 'Mul', 'Tanh', 'Add', 'Mul', 'Mul']],
    inexact: EXP,
  },
  { name: 'Mish', ...node('Mish'), operators: [['Softplus', 'Tanh', 'Mul']], inexact: EXP },
  { name: 'HardSwish', ...node('HardSwish'), operators: [['HardSwish']], inexact: SUMS },
  { name: 'Elu', ...node('Elu', '{alpha = 0.5}'), operators: [['Elu']], inexact: EXP },
  { name: 'LeakyRelu', ...node('LeakyRelu', '{alpha = 0.1}'), operators: [['LeakyRelu']] },
  { name: 'PRelu', ...node('PRelu', ', %s)', 'const %s: float32[8,1,1] = random 7'), operators: [['PRelu']] },
  { name: 'Softmax', ...node('Softmax', '{axis = 1}'), operators: [['Softmax']], inexact: EXP },
  {
    name: 'gates',
    body: `%s = Sigmoid(%a) "s" @[1 "s" "Sigmoid"]
%t = Tanh(%a) "t" @[2 "t" "Tanh"]
%b = Mul(%s, %t) "i" @[3 "i" "Mul"]`,
    operators: [['Sigmoid', 'Tanh', 'Mul']],
    inexact: EXP,
  },
  {
    name: 'squeeze and excite',
    body: `const %w1: float32[4,8,1,1] = random 8
const %w2: float32[8,4,1,1] = random 9
%m = GlobalAveragePool(%a) "m" @[1 "m" "GlobalAveragePool"]
%u = Conv(%m, %w1) "u" @[2 "u" "Conv"]
%v = Relu(%u) "v" @[3 "v" "Relu"]
%z = Conv(%v, %w2) "z" @[4 "z" "Conv"]
%g = Sigmoid(%z) "g" @[5 "g" "Sigmoid"]
%b = Mul(%a, %g) "i" @[6 "i" "Mul"]`,
    operators: [['Sigmoid', 'Mul']],
    inexact: EXP,
  },
  {
    name: 'LayerNormalization',
    ...node(
      'LayerNormalization',
      ', %s, %t) {axis = -1}',
      'const %s: float32[6] = random 10\nconst %t: float32[6] = random 11',
    ),
    operators: [['LayerNormalization']],
    inexact: SUMS,
  },
  {
    name: 'GroupNormalization',
    ...node(
      'GroupNormalization',
      ', %s, %t) {num_groups = 4}',
      'const %s: float32[8] = random 10\nconst %t: float32[8] = random 11',
    ),
    operators: [['InstanceNormalization', 'Mul', 'Sub']],
    inexact: SUMS,
  },
  {
    name: 'RMSNormalization',
    ...node('RMSNormalization', ', %s)', 'const %s: float32[6] = random 10'),
    operators: [['Mul', 'ReduceMean', 'Add', 'Sqrt', 'Div', 'Mul']],
    inexact: SUMS,
  },
  {
    name: 'InstanceNormalization',
    ...node('InstanceNormalization', ', %s, %t)', 'const %s: float32[8] = random 10\nconst %t: float32[8] = random 11'),
    operators: [['InstanceNormalization']],
    inexact: SUMS,
  },
  {
    name: 'Resize linear',
    ...node('Resize', ', _, %s) {mode = "linear"}', 'const %s: float32[4] = [1, 1, 2, 1.5]'),
    operators: [['Resize']],
    inexact: SUMS,
  },
  {
    name: 'Resize cubic',
    ...node('Resize', ', _, %s) {mode = "cubic", axes = [2, 3]}', 'const %s: float32[2] = [2, 1.5]'),
    operators: [['Resize']],
    inexact: SUMS,
  },
  {
    name: 'Resize with antialiasing',
    ...node('Resize', ', _, %s) {mode = "linear", antialias = 1, axes = [2, 3]}', 'const %s: float32[2] = [0.5, 0.7]'),
    operators: [['MatMul', 'MatMul']],
    inexact: SUMS,
  },
  {
    name: 'LSTM',
    body: recurrent('%all, %h, %cell = LSTM(%seq, %w, %r, %c) {hidden_size = 4} "i" @[3 "i" "LSTM"]', 4),
    tail: DENSE,
    operators: [['LSTM']],
    inexact: EXP,
  },
  {
    name: 'GRU',
    body: recurrent('%all, %h = GRU(%seq, %w, %r, %c) {hidden_size = 4} "i" @[3 "i" "GRU"]', 3),
    tail: DENSE,
    operators: [['GRU']],
    inexact: EXP,
  },
  {
    name: 'RNN',
    body: recurrent('%all, %h = RNN(%seq, %w, %r, %c) {hidden_size = 4} "i" @[3 "i" "RNN"]', 1),
    tail: DENSE,
    operators: [['RNN']],
    inexact: EXP,
  },
  {
    name: 'attention by MatMul',
    body: `const %rs: int64[3] = [0, 8, 36]
const %back: int64[4] = [0, 8, 6, 6]
%v = Reshape(%a, %rs) "v" @[1 "v" "Reshape"]
%t = Transpose(%v) {perm = [0, 2, 1]} "t" @[2 "t" "Transpose"]
%m = MatMul(%v, %t) "m" @[3 "m" "MatMul"]
%s = Softmax(%m) "s" @[4 "s" "Softmax"]
%o = MatMul(%s, %v) "o" @[5 "o" "MatMul"]
%b = Reshape(%o, %back) "i" @[6 "i" "Reshape"]`,
    operators: [['MatMul', 'Softmax', 'MatMul']],
    inexact: EXP,
  },
  {
    name: 'Einsum',
    body: '%b = Einsum(%a, %a) {equation = "nchw,ncwk->nchk"} "i" @[1 "i" "Einsum"]',
    operators: [['Einsum']],
    inexact: SUMS,
  },
  {
    name: 'TopK and Gather',
    body: `const %n: int64[1] = [6]
const %some: int64[3] = [4, 0, 2]
%v, %at = TopK(%a, %n) {axis = 3} "i" @[1 "i" "TopK"]
%w = Gather(%v, %some) {axis = 3} "w" @[2 "w" "Gather"]
%b = Tanh(%w) "j" @[3 "j" "Tanh"]`,
    operators: [['TopK', 'Gather', 'Tanh']],
    inexact: EXP,
  },
  {
    name: 'ReduceMean over channels',
    body: `const %axes: int64[1] = [1]
%m = ReduceMean(%a, %axes) "m" @[1 "m" "ReduceMean"]
%b = Sub(%a, %m) "i" @[2 "i" "Sub"]`,
    operators: [['ReduceMean', 'Sub']],
    inexact: SUMS,
  },
  { name: 'CumSum', ...node('CumSum', ', %s)', 'const %s: int64[] = [2]'), operators: [['CumSum']], inexact: SUMS },
  {
    name: 'Where and Greater',
    body: `const %z: float32[] = [0.1]
%g = Greater(%a, %z) "g" @[1 "g" "Greater"]
%h = Mul(%a, %a) "h" @[2 "h" "Mul"]
%b = Where(%g, %h, %a) "i" @[3 "i" "Where"]`,
    operators: [['Greater', 'Mul', 'Where']],
  },
  {
    name: 'AveragePool with windows cut short at every border',
    ...node('AveragePool', '{kernel_shape = [3, 3], pads = [1, 1, 1, 1], strides = [2, 2], ceil_mode = 1}'),
    operators: [['AveragePool']],
    inexact: SUMS,
  },
  {
    name: 'AveragePool with dilations',
    ...node('AveragePool', '{kernel_shape = [2, 2], dilations = [2, 2], pads = [1, 1, 1, 1]}'),
    operators: [['Slice', 'Slice', 'Slice', 'Slice', 'Sum', 'Div']],
    inexact: SUMS,
  },
  {
    name: 'GridSample',
    body: `const %wg: float32[2,8,1,1] = [${Array.from({ length: 16 }, (_, i) => ((i % 5) - 2) / 40).join(', ')}]
%p = Conv(%a, %wg) "p" @[1 "p" "Conv"]
%t = Tanh(%p) "t" @[2 "t" "Tanh"]
%g = Transpose(%t) {perm = [0, 2, 3, 1]} "g" @[3 "g" "Transpose"]
%b = GridSample(%a, %g) {mode = "linear", padding_mode = "border"} "i" @[4 "i" "GridSample"]`,
    operators: [['Tanh', 'GridSample']],
    inexact: EXP,
  },
];

const modelOf = ({ body, tail = POINTWISE }: Pick<IslandCase, 'body' | 'tail'>): Uint8Array =>
  exportModel(
    parseGraph(
      `graph "islands"
input %x: float32[N,4,6,6]
const %w0: float32[8,4,3,3] = random 1
%a = Conv(%x, %w0) {pads = [1, 1, 1, 1]} "a" @[0 "a" "Conv"]
${body}
${tail}
output "y" = %y`,
      OPERATORS,
    ),
    { opset: 23 },
  );

describe('an island of float operators', () => {
  describe.each(CASES)('$name', (island) => {
    it.each(['int', 'float'] as const)('compiles to the integers that ONNX Runtime computes (%s)', async (output) => {
      const { result, differing } = await roundTrip(modelOf(island), [INPUT], { output });

      const fresh = new Map([['x', randomInput(INPUT, 7, 5)]]);
      const lifted = liftCarrier(importModel(result.bytes).graph);
      expect(runGraph(lifted, TINPU_KERNELS, fresh).get('y')?.toNumbers()).toEqual(
        runGraph(result.quantised, TINPU_KERNELS, fresh).get('y')?.toNumbers(),
      );

      const { islands, layers, accuracy } = result.summary;
      expect(islands.map(({ operators }) => operators)).toEqual(island.operators);
      const rows = layers.filter((layer) => layer.island !== null);
      expect(rows.map(({ op }) => op)).toEqual(island.operators.flat());
      for (const { placement, reason } of rows) {
        expect(placement).toBe('cpu');
        expect(reason).toContain('runs on the CPU');
      }
      // 8 bits in, between and out leave some 30 dB; normalisation and products of activations lose some of them.
      expect(accuracy?.sqnrDb).toBeGreaterThan(20);

      // A last bit decides a rounding behind the island about once in 2^16 elements, a few thousand of which are computed
      // here; one step there moves at most the five outputs of a pixel.
      const bound = island.inexact === undefined ? 0 : 5;
      expect(Math.max(...Object.values(differing))).toBeLessThanOrEqual(bound);
    });
  });

  it('may deliver indices', async () => {
    const body = '%y = ArgMax(%a) {axis = 1, keepdims = 0} "i" @[1 "i" "ArgMax"]';
    const { result, differing } = await roundTrip(modelOf({ body, tail: '' }), [INPUT], { output: 'int' });
    expect(result.summary.islands.map(({ operators }) => operators)).toEqual([['ArgMax']]);
    expect(result.quantised.outputs[0]?.value.type.dtype).toBe('int64');
    expect(differing).toEqual({ disabled: 0, basic: 0, extended: 0, all: 0 });
  });
});
