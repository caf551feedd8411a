import { silu } from '../../../src/passes/surgery/silu.js';
import { describeSurgery } from '../../support/surgery.js';

const ONE = 'const %one: float32[] = [1]';

describeSurgery(silu, {
  agreement: { at: [0, 20, 40], relative: 1e-6, because: 'Sigmoid(20) is 1 - 2e-9; what is left is float32 rounding' },
  spellings: [
    { name: 'the operator', lines: '%y = Swish(%x)' },
    { name: 'the steeper operator', lines: '%y = Swish(%x) {alpha = 1.702}' },
    { name: 'PyTorch', lines: '%s = Sigmoid(%x)\n %y = Mul(%x, %s)' },
    { name: 'TensorFlow', lines: '%s = Sigmoid(%x)\n %y = Mul(%s, %x)' },
    {
      name: 'quick GELU',
      lines: 'const %a: float32[] = [1.702]\n %m = Mul(%x, %a)\n %s = Sigmoid(%m)\n %y = Mul(%x, %s)',
      free: ['a'],
    },
    {
      name: 'Swish with a slope of 1 written out',
      lines: 'const %b: float32[1] = [1]\n %m = Mul(%b, %x)\n %s = Sigmoid(%m)\n %y = Mul(%x, %s)',
      free: ['b'],
    },
    {
      name: 'a quotient by 1 + Exp',
      lines: `${ONE}\n %n = Neg(%x)\n %e = Exp(%n)\n %d = Add(%e, %one)\n %y = Div(%x, %d)`,
    },
    {
      name: 'a product by the inverse of 1 + Exp',
      lines: `${ONE}\n %n = Neg(%x)\n %e = Exp(%n)\n %d = Add(%one, %e)\n %i = Reciprocal(%d)\n %y = Mul(%i, %x)`,
    },
    {
      name: 'a product by 1 / (1 + Exp)',
      lines: `${ONE}\n %n = Neg(%x)\n %e = Exp(%n)\n %d = Add(%one, %e)\n %i = Div(%one, %d)\n %y = Mul(%x, %i)`,
    },
    {
      name: 'Tanh of the half',
      lines: `${ONE}
        const %half: float32[] = [0.5]
        %h = Mul(%x, %half)
        %t = Tanh(%h)
        %s = Add(%t, %one)
        %g = Mul(%s, %half)
        %y = Mul(%x, %g)`,
    },
  ],
  refusals: [
    {
      name: 'a gate by another value, as in squeeze and excitation',
      lines: 'input %z: float32[1,2,4]\n %s = Sigmoid(%z)\n %y = Mul(%x, %s)',
      reason: "the argument of Sigmoid is no polynomial in 'x'",
    },
    { name: 'a flat operator', lines: '%y = Swish(%x) {alpha = 0.5}', reason: 'its slope is below 1' },
    { name: 'an operator that closes above 0', lines: '%y = Swish(%x) {alpha = -1.0}', reason: 'its slope is below 1' },
    {
      name: 'a flat gate',
      lines: 'const %a: float32[] = [0.5]\n %m = Mul(%x, %a)\n %s = Sigmoid(%m)\n %y = Mul(%x, %s)',
      reason: 'its slope is below 1',
    },
    {
      name: 'a gate that closes above 0',
      lines: '%n = Neg(%x)\n %s = Sigmoid(%n)\n %y = Mul(%x, %s)',
      reason: 'the gate does not lead from 0 to 1',
    },
    {
      name: 'a quotient that closes above 0',
      lines: `${ONE}\n %e = Exp(%x)\n %d = Add(%e, %one)\n %y = Div(%x, %d)`,
      reason: 'its slope is below 1',
    },
    {
      name: 'a shifted gate',
      lines: `${ONE}\n %a = Add(%x, %one)\n %s = Sigmoid(%a)\n %y = Mul(%x, %s)`,
      reason: 'no multiple of',
    },
    {
      name: 'a quotient by Sigmoid',
      lines: '%s = Sigmoid(%x)\n %y = Div(%x, %s)',
      reason: 'Sigmoid stands on the other side of the fraction',
    },
    {
      name: 'a product by Exp',
      lines: '%s = Exp(%x)\n %y = Mul(%x, %s)',
      reason: 'Exp stands on the other side of the fraction',
    },
  ],
});
