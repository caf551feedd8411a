import { rewriteReluAsClip } from '../../../src/passes/rules/rewrite-relu-as-clip.js';
import { describeRule } from '../../support/rules.js';

describeRule(rewriteReluAsClip, {
  rewrites: [
    {
      name: 'Relu of float32',
      before: `graph "g"
        input %x: float32[N,3]
        %y = Relu(%x)
        output "y" = %y`,
      after: `graph "g"
        input %x: float32[N,3]
        const %min: float32[] = [0]
        %y = Clip(%x, %min)
        output "y" = %y`,
    },
  ],
  refusals: [
    {
      name: 'Relu of integers',
      graph: `graph "g"
        input %x: int32[N,3]
        %y = Relu(%x)
        output "y" = %y`,
      reason: 'the data are int32',
    },
  ],
});
