import { describe, expect, it } from 'vitest';
import { genericForm } from '../../../../src/backends/generic/split/generic-form.js';
import { OPERATORS } from '../../../../src/ir/ops/index.js';
import { parseGraph } from '../../../../src/ir/text/parse.js';

function formOf(call: string, input = 'float32[N,4,6,6]') {
  const text = `graph "g"
    input %x: ${input}
    input %z: ${input}
    const %w: float32[4,4,3,3] = random 1
    const %m: float32[6,5] = random 2
    const %b: float32[4] = [1, 2, 3, 4]
    const %odd: float32[] = [nan]
    const %one: float32[] = [1]
    const %pads: int64[8] = [0, 0, 1, 1, 0, 0, 1, 1]
    %y = ${call}
    output "y" = %y`;
  return genericForm(parseGraph(text, OPERATORS).nodes.at(-1) ?? expect.fail('no node'));
}

describe('genericForm', () => {
  it.each([
    ['Conv(%x, %w, %b)', 'layer'],
    ['ConvTranspose(%x, %w)', 'layer'],
    ['MatMul(%x, %m)', 'layer'],
    ['Add(%x, %z)', 'arithmetic'],
    ['Mul(%x, %one)', 'arithmetic'],
    ['MatMul(%x, %z)', 'arithmetic'],
    ['GlobalAveragePool(%x)', 'arithmetic'],
    ['Sigmoid(%x)', 'arithmetic'],
    ['Clip(%x, %one)', 'clip'],
    ['MaxPool(%x) {kernel_shape = [2, 2]}', 'mover'],
    ['Transpose(%x)', 'mover'],
    ['Pad(%x, %pads)', 'mover'],
    ['Concat(%x, %z) {axis = 1}', 'join'],
    ['Max(%x, %z)', 'join'],
  ])('%s is of the kind %s', (call, kind) => {
    expect(formOf(call).kind).toBe(kind);
  });

  it.each([
    ['Softmax(%x)', 'Softmax has no integer form'],
    ['Conv(%x, %z)', 'the weights are computed by the model'],
    ['Add(%x, %odd)', 'a constant holds NaN or infinite values'],
    ['Concat(%x, %w) {axis = 0}', 'Concat takes in a constant'],
    ['Pad(%x, %pads, %one)', 'Pad fills with 1, integers with 0'],
    ['Shape(%x)', 'Shape computes no float32 numbers'],
  ])('%s stays float: %s', (call, reason) => {
    const input = call.startsWith('Conv(') || call.startsWith('Concat(%x, %w)') ? 'float32[4,4,3,3]' : undefined;
    expect(formOf(call, input)).toEqual({ kind: 'float', reason });
  });
});
