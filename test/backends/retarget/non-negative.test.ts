import { describe, expect, it } from 'vitest';
import { isNonNegative } from '../../../src/backends/retarget/non-negative.js';
import { parseGraph } from '../../../src/ir/text/parse.js';
import { OPERATORS } from '../../../src/ir/ops/index.js';

const decide = (body: string): boolean => {
  const graph = parseGraph(
    `graph "g"
input %x: float32[2,3]
input %s: float32[2,3]
const %zero: float32[] = [0]
const %low: float32[] = [-1]
const %v: float32[3] = [1, 0, 2]
const %w: float32[3] = [1, -1, 2]
${body}
output "y" = %y
`,
    OPERATORS,
  );
  const known = new Set(graph.inputs.filter(({ name }) => name === 's'));
  const [output] = graph.outputs;
  return output !== undefined && isNonNegative(output.value, known);
};

describe('isNonNegative', () => {
  it.each([
    '%y: float32[2,3] = Relu(%x)',
    '%y: float32[2,3] = Clip(%x, %zero)',
    '%y: float32[2,3] = Clip(%s, %low)',
    '%y: float32[2,3] = Add(%s, %v)',
    '%a: float32[2,3] = Sigmoid(%x)\n%y: float32[2,3] = Mul(%a, %s)',
    '%a: float32[2,3] = Abs(%x)\n%y: float32[3,2] = Transpose(%a) {perm = [1, 0]}',
    '%a: float32[2,3] = Exp(%x)\n%y: float32[4,3] = Concat(%a, %s) {axis = 0}',
  ])('holds of %s', (body) => {
    expect(decide(body)).toBe(true);
  });

  it.each([
    '%y: float32[2,3] = Neg(%s)',
    '%y: float32[2,3] = Clip(%x, %low)',
    '%y: float32[2,3] = Add(%s, %w)',
    '%y: float32[2,3] = Add(%s, %x)',
    '%a: float32[2,3] = Exp(%x)\n%y: float32[4,3] = Concat(%a, %x) {axis = 0}',
  ])('does not hold of %s', (body) => {
    expect(decide(body)).toBe(false);
  });
});
