import { softplus } from '../../../src/passes/surgery/softplus.js';
import { describeSurgery } from '../../support/surgery.js';

const ONE = 'const %one: float32[] = [1]';
const after = '%s = Relu(%x)\n %y = Abs(%s)';

describeSurgery(softplus, {
  agreement: { at: [-30, 20, 40], relative: 1e-6, because: 'exp(-20) is 2e-9; what is left is float32 rounding' },
  spellings: [
    { name: 'the operator', lines: '%s = Softplus(%x)\n %y = Abs(%s)', after },
    { name: 'written out', lines: `${ONE}\n %e = Exp(%x)\n %a = Add(%e, %one)\n %s = Log(%a)\n %y = Abs(%s)`, after },
  ],
  refusals: [
    { name: 'one that ends the model', lines: '%y = Softplus(%x)', reason: 'it ends the model' },
    {
      name: 'one that ends the model in another layout',
      lines: '%s = Softplus(%x)\n %y = Transpose(%s) {perm = [0, 2, 1]}',
      reason: 'it ends the model',
    },
    {
      name: 'another sum',
      lines: `const %two: float32[] = [2]\n %e = Exp(%x)\n %a = Add(%e, %two)\n %s = Log(%a)\n %y = Abs(%s)`,
      reason: 'what is added to Exp is not 1',
    },
  ],
});
