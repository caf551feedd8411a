import { describe, expect, it } from 'vitest';
import {
  any,
  compileModel,
  constant,
  exportModel,
  op,
  OPERATORS,
  parseGraph,
  replaceOperator,
  rule,
  SURGERY,
  Tensor,
  UserError,
  type CompileModelOptions,
  type SurgeryEntry,
} from '../../src/index.js';
import { uniformSource } from '../../src/ir/random.js';

/** A network whose activation is given as lines of text from %a to %b. */
const network = (activation: string): Uint8Array =>
  exportModel(
    parseGraph(
      `graph "net"
input %x: float32[N,16]
const %w: float32[16,16] = random 1
const %v: float32[16,4] = random 2
%a: float32[N,16] = Gemm(%x, %w) "/first"
${activation}
%y: float32[N,4] = Gemm(%b, %v) "/second"
output "y" = %y`,
      OPERATORS,
    ),
    { opset: 20 },
  );

const random = uniformSource(11);
const samples = Tensor.float32([32, 16], Float32Array.from({ length: 512 }, random));
const compiled = (activation: string, options: Partial<CompileModelOptions> = {}): ReturnType<typeof compileModel> =>
  compileModel(network(activation), { target: 'f28p55', samples, ...options });

describe('surgery in a compilation', () => {
  it.each([
    ['Gelu', '%b = Gelu(%a)'],
    [
      'a chain of Erf',
      `const %r: float32[] = [1.4142135]
      const %one: float32[] = [1]
      const %half: float32[] = [0.5]
      %d = Div(%a, %r)
      %e = Erf(%d)
      %s = Add(%e, %one)
      %m = Mul(%a, %s)
      %b = Mul(%m, %half)`,
    ],
    ['Swish', '%s = Sigmoid(%a)\n %b = Mul(%a, %s)'],
    ['Mish', '%s = Softplus(%a)\n %t = Tanh(%s)\n %b = Mul(%a, %t)'],
    ['Celu', '%b = Celu(%a)'],
    ['PRelu', 'const %slope: float32[1] = [0.25]\n %b = PRelu(%a, %slope)'],
    ['Softplus', '%b = Softplus(%a)'],
  ])('%s gives the model that Relu gives', async (_, activation) => {
    const withoutIt = compiled(activation).then(
      ({ summary: { layers } }) => layers.map(({ placement }) => placement),
      (error: unknown) => (error instanceof UserError ? 'refused' : error),
    );
    expect(await withoutIt).not.toEqual(['cpu', 'npu', 'npu']);
    const { quantised, summary } = await compiled(activation, { surgery: SURGERY });
    expect(summary.layers.map(({ placement }) => placement)).toEqual(['cpu', 'npu', 'npu']);
    const plain = await compiled('%b = Relu(%a)');
    const numbers = ({ nodes }: typeof quantised): unknown => nodes.map(({ op: name, attrs, inputs }) => [name, [...attrs], inputs.map((input) => input?.constant)]); // prettier-ignore
    expect(numbers(quantised)).toEqual(numbers(plain.quantised));
    expect(summary.accuracy).toEqual(plain.summary.accuracy);
    expect(summary.diagnostics.map(({ code }) => code)).toEqual(['surgery']);
    expect(plain.summary.diagnostics).toEqual([]);
  });

  it.each([
    ['Selu', '%b = Selu(%a)'],
    ['Sigmoid', '%b = Sigmoid(%a)'],
    ['HardSigmoid', '%b = HardSigmoid(%a) {alpha = 0.25}'],
  ])('%s becomes integers, with its line in the layer before', async (_, activation) => {
    const { summary } = await compiled(activation, { surgery: SURGERY, verify: true });
    expect(summary.layers.map(({ op: name }) => name)).toEqual(['quantise', 'Gemm', 'Gemm']);
    expect(summary.accuracy?.sqnrDb).toBeGreaterThan(20);
  });

  it('takes an entry by name or function from the user', async () => {
    const byName = await compiled('%b = Elu(%a)', { surgery: [replaceOperator('Elu', 'Relu')] });
    const byFunction = await compiled('%b = Elu(%a)', {
      surgery: [replaceOperator('Elu', ({ inputs: [x] }, to) => to.op('Relu', [x]))],
    });
    expect(byFunction.bytes).toEqual(byName.bytes);
    expect(byFunction.summary.diagnostics).toMatchObject([
      { code: 'surgery', message: 'Elu is replaced by a function of the user (surgery replace-elu)', node: expect.any(String) as string }, // prettier-ignore
    ]);
  });

  it('takes an entry made of a rule of the user', async () => {
    const squaredRelu: SurgeryEntry = {
      name: 'squared-relu',
      replaces: 'Pow(Relu(x), 2)',
      by: 'Relu',
      rules: [
        rule({
          name: 'replace-squared-relu',
          match: op('Pow', [op('Relu', [any('x')], { soleUse: true }), constant('two')]),
          rewrite: ({ x }, to) => to.op('Relu', [x]),
        }),
      ],
    };
    const squared = 'const %two: float32[] = [2]\n %r = Relu(%a)\n %b = Pow(%r, %two)';
    const { summary } = await compiled(squared, { surgery: [squaredRelu] });
    expect(summary.diagnostics).toMatchObject([
      { code: 'surgery', message: 'the chain Relu, Pow is replaced by Relu (surgery squared-relu)' },
    ]);
  });
});
