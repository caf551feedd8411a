import { describe, expect, it } from 'vitest';
import { compileModel } from '../../../../src/backends/compile-model.js';
import { prepareForTinpu } from '../../../../src/backends/tinpu/prepare/prepare.js';
import { assignRoles } from '../../../../src/backends/tinpu/split/roles.js';
import { UserError } from '../../../../src/ir/diagnostics.js';
import { exportModel } from '../../../../src/ir/onnx/export.js';
import { OPERATORS } from '../../../../src/ir/ops/index.js';
import { parseGraph } from '../../../../src/ir/text/parse.js';

const graphOf = (body: string): ReturnType<typeof parseGraph> =>
  parseGraph(
    `graph "g"
input %x: float32[N,2,4,4]
const %k: float32[2,2,1,1] = random 1
%a = Conv(%x, %k) "a" @[0 "a" "Conv"]
${body}
output "y" = %y`,
    OPERATORS,
  );

const reasons = (body: string): string[] =>
  assignRoles(prepareForTinpu(graphOf(body), undefined, { report: () => undefined })).obstacles.map(
    ({ reason }) => reason,
  );

const newer = (what: string, opset: number): string =>
  `it stays as it is, but ${what} needs opset ${opset}, and TINPU models are written in opset 17`;

describe('a float operator without a form in opset 17', () => {
  it.each([
    ['%i = Cast(%a) {to = 6}\n%n = BitwiseNot(%i)\n%y = Cast(%n) {to = 1}', newer('BitwiseNot', 18)],
    ['%y = Gelu(%d)\n%d = Cast(%a) {to = 11}'.split('\n').reverse().join('\n'), newer('Gelu', 20)],
    [
      'const %i: int64[1,1] = [0]\nconst %z: int64[1] = [0]\n%u = Gather(%a, %z) {axis = 0}\n%y = ScatterND(%a, %i, %u) {reduction = "max"}',
      newer("reduction 'max' of ScatterND", 18),
    ],
    ['%h = Cast(%a) {to = 16}\n%s = Sinh(%h)\n%y = Cast(%s) {to = 1}', newer('type bfloat16 of Sinh', 22)],
    [
      'input %axes: int64[1]\n%y = ReduceMean(%a, %axes) {keepdims = 1}',
      newer('axes that the model computes of ReduceMean', 18),
    ],
    ['%m, %n = Split(%s) {axis = 0, num_outputs = 2}\n%y = Tanh(%m)'.replace('%s', '%a'), undefined],
  ])('is an obstacle where there is none (%#)', (body, reason) => {
    expect(reasons(body)).toEqual(reason === undefined ? [] : [reason]);
  });

  it.each([
    ['a pool that becomes integers', '%y = AveragePool(%a) {kernel_shape = [2, 2]}'],
    ['a grid, whose modes have other names', 'input %g: float32[N,3,3,2]\n%y = GridSample(%a, %g) {mode = "cubic"}'],
    ['axes that become an attribute', 'const %i: int64[1] = [1]\n%y = ReduceL2(%a, %i)'],
    ['what concerns floats of 8 bits alone', '%i = Cast(%a) {to = 6, saturate = 0}\n%y = Cast(%i) {to = 1}'],
    ['a function that is spelt out in float16', '%h = Cast(%a) {to = 10}\n%g = Gelu(%h)\n%y = Cast(%g) {to = 1}'],
  ])('is none for %s', (_, body) => {
    expect(reasons(body)).toEqual([]);
  });

  it('is refused with all others before calibration', async () => {
    const body = `%i = Cast(%a) {to = 6} "cast" @[1 "cast" "Cast"]
%n = BitwiseNot(%i) "not" @[2 "not" "BitwiseNot"]
%o = BitwiseAnd(%n, %i) "and" @[3 "and" "BitwiseAnd"]
%y = Cast(%o) {to = 1} "back" @[4 "back" "Cast"]`;
    const samples = (): never => {
      throw new Error('calibration has begun');
    };
    const failure = compileModel(exportModel(graphOf(body), { opset: 23 }), {
      target: 'f28p55',
      model: 'm.onnx',
      samples,
    });
    await expect(failure).rejects.toThrow(UserError);
    const { diagnostics } = (await failure.catch((error: unknown) => error)) as UserError;
    expect(diagnostics.map(({ message }) => message)).toEqual([
      `m.onnx: node 2 'not' (BitwiseNot) cannot be lowered to TINPU integers: ${newer('BitwiseNot', 18)}`,
      `m.onnx: node 3 'and' (BitwiseAnd) cannot be lowered to TINPU integers: ${newer('BitwiseAnd', 18)}`,
    ]);
    expect(diagnostics[0]?.hint).toContain('export the model for opset 17 or below');
  });
});
