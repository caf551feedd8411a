import { hardSwish } from '../../../src/passes/surgery/hard-swish.js';
import { describeSurgery } from '../../support/surgery.js';

const NUMBERS = `const %three: float32[] = [3]
  const %zero: float32[] = [0]
  const %six: float32[] = [6]`;
const SIXTH = 'const %sixth: float32[] = [0.16666667]';

describeSurgery(hardSwish, {
  agreement: { at: [-8, -3, 0, 3, 8], relative: 1e-6, because: 'the sixth is rounded to float32' },
  spellings: [
    { name: 'the operator', lines: '%y = HardSwish(%x)' },
    { name: 'PyTorch', lines: '%h = HardSigmoid(%x) {alpha = 0.1666666716337204}\n %y = Mul(%x, %h)' },
    { name: 'the slope that is the default of ONNX', lines: '%h = HardSigmoid(%x)\n %y = Mul(%h, %x)' },
    {
      name: 'older PyTorch',
      lines: `${NUMBERS}
        %a = Add(%x, %three)
        %c = Clip(%a, %zero, %six)
        %d = Div(%c, %six)
        %y = Mul(%x, %d)`,
    },
    {
      name: 'MobileNet in PyTorch',
      lines: `${NUMBERS}
        %a = Add(%x, %three)
        %c = Clip(%a, %zero, %six)
        %m = Mul(%x, %c)
        %y = Div(%m, %six)`,
    },
    {
      name: 'Keras',
      lines: `${NUMBERS}
        ${SIXTH}
        %a = Add(%x, %three)
        %c = Clip(%a, %zero, %six)
        %m = Mul(%c, %sixth)
        %y = Mul(%m, %x)`,
    },
    {
      name: 'ReLU6 by Relu and Min',
      lines: `${NUMBERS}
        ${SIXTH}
        %a = Add(%three, %x)
        %r = Relu(%a)
        %c = Min(%r, %six)
        %m = Mul(%x, %c)
        %y = Mul(%sixth, %m)`,
    },
    {
      name: 'ReLU6 by Max and Min',
      lines: `${NUMBERS}
        %a = Add(%x, %three)
        %i = Min(%six, %a)
        %c = Max(%i, %zero)
        %m = Mul(%x, %c)
        %y = Div(%m, %six)`,
    },
    {
      name: 'the line scaled in front of the bounds',
      lines: `${SIXTH}
        const %half: float32[] = [0.5]
        const %zero: float32[] = [0]
        const %one: float32[] = [1]
        %m = Mul(%x, %sixth)
        %a = Add(%m, %half)
        %c = Clip(%a, %zero, %one)
        %y = Mul(%x, %c)`,
    },
    {
      name: 'bounds around 0',
      lines: `const %low: float32[] = [-3]
        const %high: float32[] = [3]
        const %six: float32[] = [6]
        %c = Clip(%x, %low, %high)
        %a = Add(%c, %high)
        %m = Mul(%x, %a)
        %y = Div(%m, %six)`,
    },
  ],
  refusals: [
    {
      name: 'another slope',
      lines: '%h = HardSigmoid(%x) {alpha = 0.25}\n %y = Mul(%x, %h)',
      reason: 'between its bounds the gate is not',
    },
    {
      name: 'another line',
      lines: '%h = HardSigmoid(%x) {alpha = 0.16666667, beta = 0.4}\n %y = Mul(%x, %h)',
      reason: 'between its bounds the gate is not',
    },
    {
      name: 'no upper bound',
      lines: `${NUMBERS}\n %a = Add(%x, %three)\n %c = Clip(%a, %zero)\n %m = Mul(%x, %c)\n %y = Div(%m, %six)`,
      reason: 'the gate does not lead from 0 to 1',
    },
    {
      name: 'a bound that the model computes',
      lines: `${NUMBERS}
        input %top: float32[]
        %a = Add(%x, %three)
        %c = Clip(%a, %zero, %top)
        %m = Mul(%x, %c)
        %y = Div(%m, %six)`,
      reason: "what Clip bounds is no line in 'x' between numbers",
    },
    {
      name: 'the gate of another value',
      lines: 'input %z: float32[1,2,4]\n %h = HardSigmoid(%z) {alpha = 0.16666667}\n %y = Mul(%x, %h)',
      reason: "what HardSigmoid bounds is no line in 'x'",
    },
    {
      name: 'a quotient',
      lines: '%h = HardSigmoid(%x) {alpha = 0.16666667}\n %y = Div(%x, %h)',
      reason: 'it divides by the gate',
    },
  ],
});
