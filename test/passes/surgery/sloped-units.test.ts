import { leakyRelu, pRelu, thresholdedRelu } from '../../../src/passes/surgery/sloped-units.js';
import { describeSurgery } from '../../support/surgery.js';

const agreement = { at: [0, 3, 7], relative: 0, because: 'both hand on what is above 0, or above the threshold' };

describeSurgery(leakyRelu, {
  agreement,
  spellings: [
    { name: 'the operator', lines: '%y = LeakyRelu(%x)' },
    { name: 'another slope', lines: '%y = LeakyRelu(%x) {alpha = 0.3}' },
  ],
  refusals: [],
});

describeSurgery(pRelu, {
  agreement,
  spellings: [
    {
      name: 'slopes by channel',
      lines: 'const %slope: float32[2,1] = [0.25, 0.1]\n %y = PRelu(%x, %slope)',
      free: ['slope'],
    },
  ],
  refusals: [
    {
      name: 'integers',
      lines: `input %i: int32[4]\n const %slope: int32[1] = [2]\n %p = PRelu(%i, %slope)
        output "p" = %p\n %y = Tanh(%x)`,
      reason: 'the data are int32, not floats',
    },
  ],
});

describeSurgery(thresholdedRelu, {
  agreement,
  spellings: [{ name: 'the operator', lines: '%y = ThresholdedRelu(%x) {alpha = 2.0}' }],
  refusals: [],
});
