import { rewriteSelectAsClip } from '../../../src/passes/rules/rewrite-select-as-clip.js';
import { describeRule } from '../../support/rules.js';

/** A Where and the Clip it becomes; \`%c\` is 0.5. */
const rewritten = (condition: string, choice: string, clip: 'above' | 'below') => ({
  name: `Where(${condition}, ${choice})`.replaceAll('%', ''),
  before: `graph "g"
    input %x: float32[N,3]
    const %c: float32[] = [0.5]
    %p = ${condition}
    %y = Where(%p, ${choice})
    output "y" = %y`,
  after: `graph "g"
    input %x: float32[N,3]
    const %limit: float32[] = [0.5]
    %y = ${clip === 'above' ? 'Clip(%x, %limit)' : 'Clip(%x, _, %limit)'}
    output "y" = %y`,
});

const refused = (name: string, body: string, reason: string) => ({
  name,
  graph: `graph "g"
    input %x: float32[N,3]
    const %c: float32[] = [0.5]
    ${body}
    output "y" = %y`,
  reason,
});

describeRule(rewriteSelectAsClip, {
  rewrites: [
    rewritten('Greater(%x, %c)', '%x, %c', 'above'),
    rewritten('GreaterOrEqual(%x, %c)', '%x, %c', 'above'),
    rewritten('Less(%c, %x)', '%x, %c', 'above'),
    rewritten('Less(%x, %c)', '%c, %x', 'above'),
    rewritten('Greater(%c, %x)', '%c, %x', 'above'),
    rewritten('LessOrEqual(%x, %c)', '%x, %c', 'below'),
    rewritten('GreaterOrEqual(%c, %x)', '%x, %c', 'below'),
    rewritten('Greater(%x, %c)', '%c, %x', 'below'),
    {
      name: 'a limit and a choice in other constants of one number',
      before: `graph "g"
        input %x: float32[N,3]
        const %c: float32[3] = [0, 0, 0]
        const %d: float32[1] = [-0.0]
        %p = Greater(%x, %c)
        %y = Where(%p, %x, %d)
        output "y" = %y`,
      after: `graph "g"
        input %x: float32[N,3]
        const %limit: float32[] = [0]
        %y = Clip(%x, %limit)
        output "y" = %y`,
    },
  ],
  refusals: [
    refused(
      'another choice than the limit',
      'const %d: float32[] = [0]\n%p = Greater(%x, %c)\n%y = Where(%p, %x, %d)',
      'it compares with another number than it chooses',
    ),
    refused(
      'a choice of something else',
      'input %z: float32[N,3]\n%p = Greater(%x, %c)\n%y = Where(%p, %z, %c)',
      'it does not choose what it compares',
    ),
    refused(
      'a comparison of two values',
      'input %z: float32[N,3]\n%p = Less(%x, %z)\n%y = Where(%p, %x, %z)',
      'it does not compare with a constant',
    ),
    refused(
      'a limit that adds axes',
      'const %d: float32[2,1,1] = splat 1\n%p = Less(%x, %d)\n%y = Where(%p, %x, %d)',
      'a constant adds elements',
    ),
    {
      name: 'integers',
      graph: `graph "g"
        input %x: int32[N,3]
        const %c: int32[] = [1]
        %p = Greater(%x, %c)
        %y = Where(%p, %x, %c)
        output "y" = %y`,
      reason: 'the data are not float32',
    },
  ],
});
