import { hardSigmoid, sigmoid } from '../../../src/passes/surgery/sigmoids.js';
import { describeSurgery } from '../../support/surgery.js';

const lined = (alpha: number, beta: number): string => `const %alpha: float32[] = [${alpha}]
  const %beta: float32[] = [${beta}]
  const %min: float32[] = [0]
  const %max: float32[] = [1]
  %"s/scaled" = Mul(%x, %alpha)
  %"s/line" = Add(%"s/scaled", %beta)
  %s = Clip(%"s/line", %min, %max)
  %y = Neg(%s)`;

describeSurgery(sigmoid, {
  agreement: { at: [-20, 0, 20], relative: 1e-6, because: 'Sigmoid(-20) is 2e-9' },
  spellings: [{ name: 'the operator', lines: '%s = Sigmoid(%x)\n %y = Neg(%s)', after: lined(0.2, 0.5) }],
  refusals: [
    { name: 'one that ends the model', lines: '%y = Sigmoid(%x)', reason: 'it ends the model' },
    {
      name: 'other floats',
      lines: 'input %z: float64[2]\n %s = Sigmoid(%z)\n %n = Neg(%s)\n output "n" = %n\n %y = Tanh(%x)',
      reason: 'the data are not float32',
    },
  ],
});

describeSurgery(hardSigmoid, {
  changes: false,
  agreement: { at: [-9, -1, -0.3, 0, 0.7, 2, 9], relative: 1e-7, because: 'the line is rounded twice instead of once' },
  spellings: [
    { name: 'the default line', lines: '%s = HardSigmoid(%x)\n %y = Neg(%s)', after: lined(0.2, 0.5) },
    {
      name: 'another line',
      lines: '%s = HardSigmoid(%x) {alpha = 0.25, beta = 0.375}\n %y = Neg(%s)',
      after: lined(0.25, 0.375),
    },
  ],
  refusals: [{ name: 'one that ends the model', lines: '%y = HardSigmoid(%x)', reason: 'it ends the model' }],
});
