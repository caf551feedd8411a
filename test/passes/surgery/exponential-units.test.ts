import { celu, elu, selu } from '../../../src/passes/surgery/exponential-units.js';
import { describeSurgery } from '../../support/surgery.js';

const agreement = { at: [0, 0.5, 1, 7], relative: 0, because: 'both are the same operation from 0 on' };

describeSurgery(elu, {
  agreement,
  spellings: [
    { name: 'the operator', lines: '%y = Elu(%x)' },
    { name: 'another slope', lines: '%y = Elu(%x) {alpha = 0.3}' },
  ],
  refusals: [],
});

describeSurgery(celu, {
  agreement,
  spellings: [{ name: 'the operator', lines: '%y = Celu(%x) {alpha = 2.0}' }],
  refusals: [],
});

describeSurgery(selu, {
  agreement: { at: [0, 0.5, 1, 7], relative: 2 ** -23, because: 'the product by γ is rounded once in either' },
  spellings: [
    {
      name: 'the operator',
      lines: '%y = Selu(%x)',
      after: 'const %g: float32[] = [1.0507009873554805]\n %"y/scaled" = Mul(%x, %g)\n %y = Relu(%"y/scaled")',
    },
    {
      name: 'another γ',
      lines: '%y = Selu(%x) {gamma = 2.0}',
      after: 'const %g: float32[] = [2]\n %"y/scaled" = Mul(%x, %g)\n %y = Relu(%"y/scaled")',
    },
  ],
  refusals: [
    { name: 'a γ that turns the function over', lines: '%y = Selu(%x) {gamma = -1.0}', reason: 'its γ is not' },
  ],
});
