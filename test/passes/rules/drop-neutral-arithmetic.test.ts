import { dropNeutralArithmetic } from '../../../src/passes/rules/drop-neutral-arithmetic.js';
import { describeRule, type RewriteCase, type UntouchedCase } from '../../support/rules.js';

const graph = (type: string, constant: string, call: string): string => `graph "g"
input %x: ${type}
const %c: ${constant}
%a = Neg(%x)
%b = ${call}
%y = Neg(%b)
output "y" = %y`;

const dropped = (name: string, type: string, constant: string, call: string): RewriteCase => ({
  name,
  before: graph(type, constant, call),
  after: `graph "g"
input %x: ${type}
%a = Neg(%x)
%y = Neg(%a)
output "y" = %y`,
});

const IDENTITY = `const %zero: float32[3] = splat 0
const %one: float32[3] = splat 1`;

const untouched = (name: string, type: string, constant: string, call: string): UntouchedCase => ({
  name,
  graph: graph(type, constant, call),
});

describeRule(dropNeutralArithmetic, {
  rewrites: [
    dropped('Add of 0', 'float32[N,3]', 'float32[] = [0]', 'Add(%a, %c)'),
    dropped('Add of -0, constant first', 'float32[N,3]', 'float32[1,3] = splat -0.0', 'Add(%c, %a)'),
    dropped('Sub of 0', 'float32[N,3]', 'float32[3] = splat 0', 'Sub(%a, %c)'),
    dropped('Mul by 1', 'float32[N,3]', 'float32[3] = splat 1', 'Mul(%a, %c)'),
    dropped('Mul by 1, constant first', 'float32[N,3]', 'float32[] = [1]', 'Mul(%c, %a)'),
    dropped('Div by 1', 'float32[N,3]', 'float32[] = [1]', 'Div(%a, %c)'),
    dropped('Pow of 1', 'float32[N,3]', 'float32[] = [1]', 'Pow(%a, %c)'),
    dropped('Pow of integer 1', 'float32[N,3]', 'int64[] = [1]', 'Pow(%a, %c)'),
    dropped('integers', 'int64[N,3]', 'int64[] = [0]', 'Add(%a, %c)'),
    {
      name: 'BatchNormalization',
      before: `graph "g"
input %x: float32[N,3]
${IDENTITY}
%y = BatchNormalization(%x, %one, %zero, %zero, %one) {epsilon = 0.0}
output "y" = %y`,
      after: 'graph "g"\ninput %x: float32[N,3]\noutput "y" = %x',
    },
    {
      name: 'BatchNormalization whose mean its bias makes up for',
      before: `graph "g"
input %x: float32[N,1]
const %two: float32[1] = [2]
const %four: float32[1] = [4]
%r = Relu(%x)
%y = BatchNormalization(%r, %two, %two, %two, %four) {epsilon = 0.0}
output "y" = %y`,
      after: 'graph "g"\ninput %x: float32[N,1]\n%r = Relu(%x)\noutput "y" = %r',
    },
  ],
  untouched: [
    untouched('0 - x', 'float32[N,3]', 'float32[] = [0]', 'Sub(%c, %a)'),
    untouched('1 / x', 'float32[N,3]', 'float32[] = [1]', 'Div(%c, %a)'),
    untouched('1 ^ x', 'float32[N,3]', 'float32[] = [1]', 'Pow(%c, %a)'),
    untouched('x + 1', 'float32[N,3]', 'float32[] = [1]', 'Add(%a, %c)'),
    untouched('x · 0', 'float32[N,3]', 'float32[] = [0]', 'Mul(%a, %c)'),
    untouched('one element that is not neutral', 'float32[N,3]', 'float32[3] = [1, 1, 1.5]', 'Mul(%a, %c)'),
    untouched('a result of more axes', 'float32[N,3]', 'float32[1,1,1] = [1]', 'Mul(%a, %c)'),
    untouched('a result that grows', 'float32[N,1]', 'float32[3] = [0, 0, 0]', 'Add(%a, %c)'),
    untouched(
      'a BatchNormalization with epsilon',
      'float32[N,1]',
      'float32[1] = [1]',
      'BatchNormalization(%a, %c, %c, %c, %c)',
    ),
  ],
});
