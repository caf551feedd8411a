import { Attributes } from '../../attributes.js';
import { OperatorFault } from '../../ops/operator.js';
import type { Operand } from '../emitter.js';
import type { Draft } from './draft.js';
import { scalarOf, type NormalRule } from './rule.js';

const becomes = (draft: Draft, op: string, inputs: readonly Operand[], attrs: Attributes = Attributes.none): string => {
  draft.op = op;
  draft.inputs = [...inputs];
  draft.attrs = attrs;
  return `it is written with ${op}`;
};

/** The sum with the addend at input 1 when there is one. */
const biased = (draft: Draft): Operand =>
  draft.has(1) ? draft.before('Add', [draft.input(0), draft.input(1)]) : draft.input(0);

const number = (draft: Draft, value: number, what: string): Operand =>
  draft.constant(scalarOf(draft.dtype(0), value), what);

const GELU: NormalRule = {
  ops: ['com.microsoft.Gelu', 'com.microsoft.BiasGelu'],
  apply: (draft) => becomes(draft, 'Gelu', [biased(draft)]),
};

const FAST_GELU: NormalRule = {
  ops: ['com.microsoft.FastGelu'],
  apply: (draft) => becomes(draft, 'Gelu', [biased(draft)], Attributes.of({ approximate: 'tanh' })),
};

/** x · sigmoid(alpha · x), in operators that every opset has. */
const QUICK_GELU: NormalRule = {
  ops: ['com.microsoft.QuickGelu'],
  apply(draft) {
    const x = draft.input(0);
    const scaled = draft.before('Mul', [x, number(draft, draft.attrs.float('alpha', 1.702), 'alpha')]);
    return becomes(draft, 'Mul', [x, draft.before('Sigmoid', [scaled])]);
  },
};

/** The operand with its last two axes swapped; `batch` rotates all axes but the last, or both last of a transposed one. */
function laidOut(draft: Draft, index: number, side: 'A' | 'B'): Operand {
  const rank = draft.shape(index).length;
  const axes = Array.from({ length: rank }, (_, i) => i);
  const batched = draft.attrs.int(`transBatch${side}`, 0) !== 0;
  const swapped = draft.attrs.int(`trans${side}`, 0) !== 0;
  if (rank < 2 || (!batched && !swapped)) return draft.input(index);
  // transBatch moves axis 0 behind the other batch axes: [M, batch, K] is read as [batch, M, K].
  const perm = batched ? [...axes.slice(1, -1), 0, ...axes.slice(-1)] : axes;
  const last = swapped ? [...perm.slice(0, -2), ...perm.slice(-2).reverse()] : perm;
  return draft.before('Transpose', [draft.input(index)], Attributes.of({ perm: last }));
}

const FUSED_MATMUL: NormalRule = {
  ops: ['com.microsoft.FusedMatMul', 'com.microsoft.TransposeMatMul'],
  apply(draft) {
    const alpha = draft.attrs.float('alpha', 1);
    const operands: readonly Operand[] = [laidOut(draft, 0, 'A'), laidOut(draft, 1, 'B')];
    if (alpha === 1) return becomes(draft, 'MatMul', operands);
    const factor = number(draft, alpha, 'alpha');
    return becomes(draft, 'Mul', [draft.before('MatMul', operands), factor]);
  },
};

/** Activations of fused operators, with the names of their parameters in order. */
const ACTIVATIONS: ReadonlyMap<string, readonly string[]> = new Map([
  ['Relu', []],
  ['Sigmoid', []],
  ['Tanh', []],
  ['LeakyRelu', ['alpha']],
  ['HardSigmoid', ['alpha', 'beta']],
  ['Clip', ['min', 'max']],
]);

function activate(draft: Draft, result: Operand, activation: string, parameters: readonly number[]): string {
  const names = ACTIVATIONS.get(activation);
  if (names === undefined) {
    throw new OperatorFault(
      'unsupported-attribute',
      `attribute activation of ${draft.op} is ${JSON.stringify(activation)}, accepted: ${[...ACTIVATIONS.keys()].join(', ')}`,
    );
  }
  const given = names.slice(0, parameters.length).map((name, i) => [name, parameters[i] ?? 0] as const);
  if (activation === 'Clip') {
    return becomes(draft, 'Clip', [result, ...given.map(([name, value]) => number(draft, value, name))]);
  }
  const attrs = Attributes.of(Object.fromEntries(given.map(([name, value]) => [name, { float: value }])));
  return becomes(draft, activation, [result], attrs);
}

/** Conv with an addend at input 3 and an activation behind it. */
const FUSED_CONV: NormalRule = {
  ops: ['com.microsoft.FusedConv'],
  apply(draft) {
    const { attrs } = draft;
    const activation = attrs.string('activation', '');
    const parameters = attrs.floats('activation_params', []);
    draft.drop('activation', 'activation_params');
    const inputs: readonly Operand[] = [draft.input(0), draft.input(1), draft.inputs[2]];
    if (!draft.has(3) && activation === '') return becomes(draft, 'Conv', inputs, draft.attrs);
    const conv = draft.before('Conv', inputs, draft.attrs);
    if (activation === '') return becomes(draft, 'Add', [conv, draft.input(3)]);
    const sum = draft.has(3) ? draft.before('Add', [conv, draft.input(3)]) : conv;
    return activate(draft, sum, activation, parameters);
  },
};

const FUSED_GEMM: NormalRule = {
  ops: ['com.microsoft.FusedGemm'],
  apply(draft) {
    const { attrs } = draft;
    const parameters = ['activation_alpha', 'activation_beta'].filter((name) => attrs.has(name));
    const values = parameters.map((name) => attrs.float(name));
    draft.drop('activation', 'activation_alpha', 'activation_beta', 'activation_gamma');
    return activate(draft, draft.before('Gemm', draft.inputs, draft.attrs), attrs.string('activation', ''), values);
  },
};

/** What ONNX Runtime's optimiser fuses float operators into. */
export const FLOAT_CONTRIB_RULES: readonly NormalRule[] = [
  GELU,
  FAST_GELU,
  QUICK_GELU,
  FUSED_MATMUL,
  FUSED_CONV,
  FUSED_GEMM,
];
