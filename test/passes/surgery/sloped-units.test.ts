import { leakyRelu, pRelu, thresholdedRelu } from '../../../src/passes/surgery/sloped-units.js';
import { describeSurgery } from '../../support/surgery.js';

const agreement = { at: [0, 3, 7], relative: 0, because: 'both hand on what is above 0, or above the threshold' };

const SLOPE = 'const %slope: float32[] = [0.125]';
const ZERO = 'const %zero: float32[] = [0]';
const free = ['slope'];

describeSurgery(leakyRelu, {
  agreement,
  spellings: [
    { name: 'the operator', lines: '%y = LeakyRelu(%x)' },
    { name: 'another slope', lines: '%y = LeakyRelu(%x) {alpha = 0.3}' },
    { name: 'the larger of two lines', lines: `${SLOPE}\n %m = Mul(%x, %slope)\n %y = Max(%x, %m)`, free },
    { name: 'the larger of two lines, turned', lines: `${SLOPE}\n %m = Mul(%slope, %x)\n %y = Max(%m, %x)`, free },
    {
      name: 'a choice above 0',
      lines: `${SLOPE}\n ${ZERO}\n %m = Mul(%x, %slope)\n %c = Greater(%x, %zero)\n %y = Where(%c, %x, %m)`,
      free,
    },
    {
      name: 'a choice below 0',
      lines: `${SLOPE}\n ${ZERO}\n %m = Mul(%x, %slope)\n %c = LessOrEqual(%x, %zero)\n %y = Where(%c, %m, %x)`,
      free,
    },
  ],
  refusals: [
    {
      name: 'a slope above 1',
      lines: 'const %slope: float32[4] = [0.1, 0.1, 2, 0.1]\n %m = Mul(%x, %slope)\n %y = Max(%x, %m)',
      reason: 'a slope is above 1',
    },
    {
      name: 'a slope that adds an axis',
      lines: 'const %slope: float32[1,1,1,1] = [0.1]\n %m = Mul(%x, %slope)\n %y = Max(%x, %m)',
      reason: 'a constant adds elements',
    },
    {
      name: 'a multiple of another value',
      lines: `input %z: float32[1,2,4]\n ${SLOPE}\n %m = Mul(%z, %slope)\n %y = Max(%x, %m)`,
      reason: "'x' would stand for two different values",
    },
    {
      name: 'a choice of the multiple above 0',
      lines: `${SLOPE}\n ${ZERO}\n %m = Mul(%x, %slope)\n %c = Greater(%x, %zero)\n %y = Where(%c, %m, %x)`,
      reason: 'it does not choose between',
    },
  ],
});

describeSurgery(pRelu, {
  agreement,
  spellings: [
    {
      name: 'slopes by channel',
      lines: 'const %slope: float32[2,1] = [0.25, 0.1]\n %y = PRelu(%x, %slope)',
      free,
    },
    {
      name: 'Keras',
      lines: `const %slope: float32[2,1] = [-0.25, -0.1]
        %r = Relu(%x)
        %n = Neg(%x)
        %b = Relu(%n)
        %m = Mul(%slope, %b)
        %y = Add(%r, %m)`,
      free,
    },
    {
      name: 'a difference of ramps',
      lines: `const %slope: float32[2,1] = [0.25, 0.1]
        %r = Relu(%x)
        %n = Neg(%x)
        %b = Relu(%n)
        %m = Mul(%b, %slope)
        %y = Sub(%r, %m)`,
      free,
    },
  ],
  refusals: [
    {
      name: 'ramps of two values',
      lines: `input %z: float32[1,2,4]\n ${SLOPE}\n %r = Relu(%x)\n %n = Neg(%z)\n %b = Relu(%n)\n %m = Mul(%b, %slope)
        %y = Sub(%r, %m)`,
      reason: "'x' would stand for two different values",
    },
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
