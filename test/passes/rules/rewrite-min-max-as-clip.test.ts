import { mergeClips } from '../../../src/passes/rules/merge-clips.js';
import { rewriteMinMaxAsClip } from '../../../src/passes/rules/rewrite-min-max-as-clip.js';
import { describeRule } from '../../support/rules.js';

const refused = (name: string, body: string, reason: string) => ({
  name,
  graph: `graph "g"
    input %x: float32[N,1,4]
    ${body}
    output "y" = %y`,
  reason,
});

describeRule(rewriteMinMaxAsClip, {
  rewrites: [
    {
      name: 'Max with a scalar on either side',
      before: `graph "g"
        input %x: float32[N,3]
        const %c: float32[] = [0.5]
        %a = Max(%x, %c)
        %b = Max(%c, %x)
        output "a" = %a
        output "b" = %b`,
      after: `graph "g"
        input %x: float32[N,3]
        const %min: float32[] = [0.5]
        const %min_1: float32[] = [0.5]
        %a = Clip(%x, %min)
        %b = Clip(%x, %min_1)
        output "a" = %a
        output "b" = %b`,
    },
    {
      name: 'Min with a constant for every channel that are all equal',
      before: `graph "g"
        input %x: float32[N,3,4]
        const %c: float32[1,3,1] = splat 0.25
        %y = Min(%x, %c)
        output "y" = %y`,
      after: `graph "g"
        input %x: float32[N,3,4]
        const %max: float32[] = [0.25]
        %y = Clip(%x, _, %max)
        output "y" = %y`,
    },
    {
      name: 'Max with several constants',
      before: `graph "g"
        input %x: float32[N,3]
        const %c: float32[] = [-0.5]
        const %d: float32[1,1] = [0.5]
        %y = Max(%c, %x, %d)
        output "y" = %y`,
      after: `graph "g"
        input %x: float32[N,3]
        const %min: float32[] = [0.5]
        %y = Clip(%x, %min)
        output "y" = %y`,
    },
    {
      name: 'Min of a single value',
      before: `graph "g"
        input %x: float32[N,3]
        %a = Min(%x)
        %y = Neg(%a)
        output "y" = %y`,
      after: `graph "g"
        input %x: float32[N,3]
        %y = Neg(%x)
        output "y" = %y`,
    },
  ],
  refusals: [
    refused('two values', 'input %z: float32[N,1,4]\n%y = Max(%x, %z)', 'more than one input is not constant'),
    refused(
      'unequal limits',
      'const %c: float32[4] = [0, 0, 0, 1]\n%y = Max(%x, %c)',
      'the elements of a constant differ',
    ),
    refused(
      'a constant that adds elements',
      'const %c: float32[2,1] = splat 1\n%y = Min(%x, %c)',
      'a constant adds elements',
    ),
    refused(
      'a constant that adds axes',
      'const %c: float32[1,1,1,1] = [1]\n%y = Min(%x, %c)',
      'a constant adds elements',
    ),
    refused('no number', 'const %c: float32[] = [nan]\n%y = Min(%x, %c)', 'the elements of a constant differ'),
    {
      name: 'integers',
      graph: `graph "g"
        input %x: int64[N]
        const %c: int64[] = [1]
        %y = Min(%x, %c)
        output "y" = %y`,
      reason: 'the data are not float32',
    },
  ],
});

describeRule([mergeClips, rewriteMinMaxAsClip], {
  rewrites: [
    {
      name: 'a pair becomes one Clip in either order',
      before: `graph "g"
        input %x: float32[N,3]
        const %lo: float32[] = [-1]
        const %hi: float32[] = [1]
        %a = Min(%x, %hi)
        %b = Max(%a, %lo)
        %c = Max(%lo, %x)
        %d = Min(%hi, %c)
        output "b" = %b
        output "d" = %d`,
      after: `graph "g"
        input %x: float32[N,3]
        const %min: float32[] = [-1]
        const %max: float32[] = [1]
        const %min_1: float32[] = [-1]
        const %max_1: float32[] = [1]
        %b = Clip(%x, %min, %max)
        %d = Clip(%x, %min_1, %max_1)
        output "b" = %b
        output "d" = %d`,
    },
  ],
});
