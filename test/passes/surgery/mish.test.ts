import { mish } from '../../../src/passes/surgery/mish.js';
import { describeSurgery } from '../../support/surgery.js';

const ONE = 'const %one: float32[] = [1]';

describeSurgery(mish, {
  agreement: { at: [0, 12, 20], relative: 1e-6, because: 'tanh(12) is 1 - 8e-11; what is left is float32 rounding' },
  spellings: [
    { name: 'the operator', lines: '%y = Mish(%x)' },
    { name: 'PyTorch', lines: '%s = Softplus(%x)\n %t = Tanh(%s)\n %y = Mul(%x, %t)' },
    { name: 'TensorFlow', lines: '%s = Softplus(%x)\n %t = Tanh(%s)\n %y = Mul(%t, %x)' },
    {
      name: 'Softplus written out',
      lines: `${ONE}\n %e = Exp(%x)\n %a = Add(%one, %e)\n %s = Log(%a)\n %t = Tanh(%s)\n %y = Mul(%x, %t)`,
    },
  ],
  refusals: [
    {
      name: 'Softplus of another value',
      lines: 'input %z: float32[1,2,4]\n %s = Softplus(%z)\n %t = Tanh(%s)\n %y = Mul(%x, %t)',
      reason: "Tanh is not of Softplus of 'x'",
    },
    { name: 'Tanh alone', lines: '%t = Tanh(%x)\n %y = Mul(%x, %t)', reason: "'x' is not the result of Log" },
    {
      name: 'a gate that is shifted',
      lines: `${ONE}\n %s = Softplus(%x)\n %t = Tanh(%s)\n %a = Add(%t, %one)\n %y = Mul(%x, %a)`,
      reason: 'the gate does not lead from 0 to 1',
    },
    {
      name: 'a quotient',
      lines: '%s = Softplus(%x)\n %t = Tanh(%s)\n %y = Div(%x, %t)',
      reason: 'it divides by the gate',
    },
  ],
});
