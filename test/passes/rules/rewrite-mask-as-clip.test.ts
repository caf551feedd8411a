import { rewriteMaskAsClip } from '../../../src/passes/rules/rewrite-mask-as-clip.js';
import { describeRule } from '../../support/rules.js';

const rewritten = (name: string, condition: string, product: string, clip: string) => ({
  name,
  before: `graph "g"
    input %x: float32[N,3]
    const %c: float32[] = [0]
    %p = ${condition}
    %m = Cast(%p) {to = 1}
    %y = ${product}
    output "y" = %y`,
  after: `graph "g"
    input %x: float32[N,3]
    const %c: float32[] = [0]
    %y = ${clip}
    output "y" = %y`,
});

const refused = (name: string, body: string, reason: string) => ({
  name,
  graph: `graph "g"
    input %x: float32[N,3]
    ${body}
    output "y" = %y`,
  reason,
});

describeRule(rewriteMaskAsClip, {
  rewrites: [
    rewritten('the positive part', 'Greater(%x, %c)', 'Mul(%x, %m)', 'Clip(%x, %c)'),
    rewritten('the positive part, written the other way round', 'LessOrEqual(%c, %x)', 'Mul(%m, %x)', 'Clip(%x, %c)'),
    rewritten('the negative part', 'Less(%x, %c)', 'Mul(%x, %m)', 'Clip(%x, _, %c)'),
  ],
  refusals: [
    {
      name: 'other floats',
      graph: `graph "g"
        input %x: float16[N,3]
        const %c: float16[] = [0]
        %p = Greater(%x, %c)
        %m = Cast(%p) {to = 10}
        %y = Mul(%x, %m)
        output "y" = %y`,
      reason: 'the data are not float32',
    },
    refused(
      'another limit',
      'const %c: float32[] = [1]\n%p = Greater(%x, %c)\n%m = Cast(%p) {to = 1}\n%y = Mul(%x, %m)',
      'it compares with another number than 0',
    ),
    refused(
      'a mask of something else',
      'input %z: float32[N,3]\nconst %c: float32[] = [0]\n%p = Greater(%z, %c)\n%m = Cast(%p) {to = 1}\n%y = Mul(%x, %m)',
      'the mask does not come from what it masks',
    ),
    refused(
      'a mask that adds axes',
      'const %c: float32[1,1,1] = [0]\n%p = Greater(%x, %c)\n%m = Cast(%p) {to = 1}\n%y = Mul(%x, %m)',
      'the mask adds elements',
    ),
  ],
});
