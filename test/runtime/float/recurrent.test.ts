import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OPERATORS } from '../../../src/ir/ops/index.js';
import { lstm, rnn } from '../../../src/ir/ops/recurrent.js';
import { uniformSource } from '../../../src/ir/random.js';
import { Tensor } from '../../../src/ir/tensor.js';
import { RECURRENT_KERNELS } from '../../../src/runtime/float/recurrent.js';
import { ACTIVATION_PARAMETERS, naiveRecurrent } from '../../support/naive-recurrent.js';
import { build } from '../../support/naive-tensor.js';
import { runNodeInOrt } from '../../support/one-node.js';
import { describeDifference } from '../../support/onnx-node-tests.js';
import { run, type AttributeInputs } from '../../support/run-operator.js';

/**
 * Gates and states round to float32 at each of at most 6 steps, and states of unbounded activations reach some tens:
 * errors of 6e-8 that a step multiplies by less than 4.
 */
const NAIVE = { rtol: 1e-4, atol: 2e-5 };
/** ONNX Runtime replaces tanh and the logistic function by quotients of polynomials, exact to about 1e-6. */
const ORT = { rtol: 2e-4, atol: 5e-5 };

interface Case {
  readonly op: string;
  readonly inputs: readonly (Tensor | undefined)[];
  readonly attrs: AttributeInputs;
}

const GATES: Readonly<Record<string, number>> = { RNN: 1, GRU: 3, LSTM: 4 };
const FUNCTIONS: Readonly<Record<string, number>> = { RNN: 1, GRU: 2, LSTM: 3 };

const parameter = fc.integer({ min: 1, max: 8 }).map((n) => n / 8);

const cases = (ort: boolean): fc.Arbitrary<Case> =>
  fc
    .record({
      op: fc.constantFrom('RNN', 'GRU', 'LSTM'),
      steps: fc.integer({ min: 1, max: 6 }),
      batch: fc.integer({ min: 1, max: 3 }),
      features: fc.integer({ min: 1, max: 5 }),
      hidden: fc.integer({ min: 1, max: 6 }),
      direction: fc.constantFrom('forward', 'reverse', 'bidirectional'),
      // ONNX Runtime has no kernels for layout 1.
      layout: ort ? fc.constant(0) : fc.integer({ min: 0, max: 1 }),
      given: fc.record({ b: fc.boolean(), lengths: fc.boolean(), h: fc.boolean(), c: fc.boolean(), p: fc.boolean() }),
      flag: fc.integer({ min: 0, max: 1 }),
      clip: fc.option(fc.constantFrom(0.25, 0.5, 2), { nil: undefined }),
      named: fc.option(
        fc.array(fc.constantFrom(...Object.keys(ACTIVATION_PARAMETERS)), { minLength: 6, maxLength: 6 }),
        {
          nil: undefined,
        },
      ),
      parameters: fc.array(parameter, { minLength: 12, maxLength: 12 }),
      seed: fc.integer({ min: 1, max: 1e6 }),
    })
    .map((one): Case => {
      const { op, steps, batch, features, hidden, layout, given, clip } = one;
      const next = uniformSource(one.seed);
      const uniform = (...dims: number[]): Tensor => build('float32', dims, () => next());
      const directions = one.direction === 'bidirectional' ? 2 : 1;
      const rows = GATES[op]! * hidden;
      const state = (): Tensor =>
        layout === 1 ? uniform(batch, directions, hidden) : uniform(directions, batch, hidden);
      const lengths = Int32Array.from({ length: batch }, () => 1 + Math.floor(Math.abs(next()) * steps * 0.999));
      const inputs = [
        layout === 1 ? uniform(batch, steps, features) : uniform(steps, batch, features),
        uniform(directions, rows, features),
        uniform(directions, rows, hidden),
        given.b ? uniform(directions, 2 * rows) : undefined,
        given.lengths ? new Tensor('int32', [batch], lengths) : undefined,
        given.h ? state() : undefined,
        ...(op === 'LSTM'
          ? [given.c ? state() : undefined, given.p ? uniform(directions, 3 * hidden) : undefined]
          : []),
      ];
      const names = one.named?.slice(0, FUNCTIONS[op]! * directions);
      const takers = (least: number): number =>
        names?.filter((name) => ACTIVATION_PARAMETERS[name]! >= least).length ?? 0;
      const attrs: AttributeInputs = {
        hidden_size: hidden,
        direction: one.direction,
        ...(layout === 1 && { layout }),
        ...(clip !== undefined && { clip: { float: clip } }),
        ...(names !== undefined && {
          activations: names,
          activation_alpha: { floats: one.parameters.slice(0, takers(1)) },
          activation_beta: { floats: one.parameters.slice(6, 6 + takers(2)) },
        }),
        ...(op === 'GRU' && { linear_before_reset: one.flag }),
        ...(op === 'LSTM' && { input_forget: one.flag }),
      };
      return { op, inputs, attrs };
    });

const outputsOf = (op: string): number => (op === 'LSTM' ? 3 : 2);

const execute = ({ op, inputs, attrs }: Case): readonly Tensor[] =>
  run(OPERATORS.get(op)!, RECURRENT_KERNELS, inputs, attrs, outputsOf(op));

const titles = ['Y', 'Y_h', 'Y_c'];

describe('recurrent layers', () => {
  it('compute what their equations say', () => {
    fc.assert(
      fc.property(cases(false), (one) => {
        const expected = naiveRecurrent(one.op, one.inputs, one.attrs);
        for (const [i, result] of execute(one).entries()) {
          expect(describeDifference(result, expected[i]!, NAIVE), `${one.op} ${titles[i]}`).toBeUndefined();
        }
      }),
      { seed: 20, numRuns: 400 },
    );
  });

  it('compute what ONNX Runtime computes', async () => {
    await fc.assert(
      fc.asyncProperty(cases(true), async (one) => {
        const results = execute(one);
        const types = results.map(() => 'float32' as const);
        const expected = await runNodeInOrt(one.op, one.inputs, one.attrs, types, 14);
        for (const [i, result] of results.entries()) {
          expect(describeDifference(result, expected[i]!, ORT), `${one.op} ${titles[i]}`).toBeUndefined();
        }
      }),
      { seed: 21, numRuns: 300 },
    );
  });

  const withDefaults = Object.keys(ACTIVATION_PARAMETERS).filter((name) => !['Affine', 'ScaledTanh'].includes(name));

  it.each(withDefaults)('%s has the default parameters of ONNX Runtime', async (name) => {
    const next = uniformSource(5);
    const inputs = [
      [2, 1, 4],
      [1, 6, 4],
      [1, 6, 6],
    ].map((dims) => build('float32', dims, () => 3 * next()));
    const attrs = { hidden_size: 6, activations: [name] };
    const [sequence] = run(rnn, RECURRENT_KERNELS, inputs, attrs);
    const [expected] = await runNodeInOrt('RNN', inputs, attrs, ['float32'], 14);
    expect(describeDifference(sequence, expected!, ORT)).toBeUndefined();
  });

  it('take names of functions in any case', () => {
    const inputs = [Tensor.float32([1, 1, 1], [2]), Tensor.float32([1, 1, 1], [-1]), Tensor.float32([1, 1, 1], [0])];
    const [sequence] = run(rnn, RECURRENT_KERNELS, inputs, { activations: ['leakyRELU'], activation_alpha: [0.5] });
    expect(sequence?.data[0]).toBe(-1);
  });

  it('keep the initial state of an empty sequence', () => {
    const next = uniformSource(6);
    const [x, w, r, h, c] = [
      [2, 2, 3],
      [1, 8, 3],
      [1, 8, 2],
      [1, 2, 2],
      [1, 2, 2],
    ].map((dims) => build('float32', dims, () => next()));
    const lengths = new Tensor('int32', [2], Int32Array.of(0, 2));
    const [sequence, lastHidden, lastCell] = run(lstm, RECURRENT_KERNELS, [x, w, r, undefined, lengths, h, c], {}, 3);
    expect([0, 1, 4, 5].map((i) => sequence?.data[i])).toEqual([0, 0, 0, 0]);
    expect(lastHidden?.data.slice(0, 2)).toEqual(h?.data.slice(0, 2));
    expect(lastCell?.data.slice(0, 2)).toEqual(c?.data.slice(0, 2));
    expect(lastHidden?.data.slice(2)).toEqual(sequence?.data.slice(6));
  });

  it.each([-1, 3])('refuse a sequence of %i steps in data of two', (length) => {
    const inputs = [
      [2, 1, 1],
      [1, 1, 1],
      [1, 1, 1],
    ].map((dims) => Tensor.zeros('float32', dims));
    const lengths = new Tensor('int32', [1], Int32Array.of(length));
    expect(() => run(rnn, RECURRENT_KERNELS, [...inputs, undefined, lengths])).toThrow(
      `a sequence length of RNN is ${length}, accepted: 0 to 2`,
    );
  });

  it('compute in float64 when the data are', () => {
    const inputs = [
      [3, 1, 1],
      [1, 1, 1],
      [1, 1, 1],
    ].map((dims) => new Tensor('float64', dims, new Float64Array(dims[0]!).fill(0.1)));
    const [sequence] = run(rnn, RECURRENT_KERNELS, inputs);
    let h = 0;
    for (let t = 0; t < 3; t++) h = Math.tanh(0.1 * 0.1 + 0.1 * h);
    expect(sequence?.data[2]).toBeCloseTo(h, 14);
  });
});
