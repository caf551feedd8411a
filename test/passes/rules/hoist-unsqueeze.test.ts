import { hoistUnsqueeze } from '../../../src/passes/rules/hoist-unsqueeze.js';
import { mergeReshapes } from '../../../src/passes/rules/merge-reshapes.js';
import { describeRule } from '../../support/rules.js';

describeRule(hoistUnsqueeze, {
  rewrites: [
    {
      name: 'past the preprocessing of a graph input',
      before: `graph "g"
        input %x: float32[N,3,L]
        const %mean: float32[1,3,1] = random 1
        const %scale: float32[] = [0.25]
        const %axes: int64[1] = [-1]
        %a = Sub(%x, %mean)
        %b = Mul(%a, %scale)
        %y = Unsqueeze(%b, %axes)
        output "y" = %y`,
      after: `graph "g"
        input %x: float32[N,3,L]
        const %axes: int64[1] = [-1]
        const %mean: float32[1,3,1,1] = *
        const %scale: float32[] = [0.25]
        %y_1_1 = Unsqueeze(%x, %axes)
        %y_1 = Sub(%y_1_1, %mean)
        %y = Mul(%y_1, %scale)
        output "y" = %y`,
    },
    {
      name: 'past BatchNormalization',
      before: `graph "g"
        input %x: float32[N,3,5]
        const %c: float32[3] = [0.5, 1, 2]
        const %axes: int64[1] = [3]
        %a = BatchNormalization(%x, %c, %c, %c, %c)
        %y = Unsqueeze(%a, %axes)
        output "y" = %y`,
      after: `graph "g"
        input %x: float32[N,3,5]
        const %axes: int64[1] = [3]
        const %c: float32[3] = [0.5, 1, 2]
        %y_1 = Unsqueeze(%x, %axes)
        %y = BatchNormalization(%y_1, %c, %c, %c, %c)
        output "y" = %y`,
    },
  ],
  refusals: [
    {
      name: 'what a layer computes',
      graph: `graph "g"
        input %x: float32[N,3,5]
        const %axes: int64[1] = [3]
        %p = GlobalAveragePool(%x)
        %a = Relu(%p)
        %y = Unsqueeze(%a, %axes)
        output "y" = %y`,
      reason: 'come neither from a graph input nor from a reshaping',
    },
    {
      name: 'a fifth axis',
      graph: `graph "g"
        input %x: float32[N,3,5,4]
        const %axes: int64[1] = [4]
        %a = Relu(%x)
        %y = Unsqueeze(%a, %axes)
        output "y" = %y`,
      reason: 'layers have four axes at most',
    },
    {
      name: 'channels that would leave axis 1',
      graph: `graph "g"
        input %x: float32[N,3,5]
        const %c: float32[3] = [0.5, 1, 2]
        const %axes: int64[1] = [1]
        %a = BatchNormalization(%x, %c, %c, %c, %c)
        %y = Unsqueeze(%a, %axes)
        output "y" = %y`,
      reason: 'the channels would leave axis 1',
    },
  ],
});

describeRule([mergeReshapes, hoistUnsqueeze], {
  rewrites: [
    {
      name: 'a Reshape takes it up',
      before: `graph "g"
        input %x: float32[N,12]
        %s = Softplus(%x)
        const %shape: int64[3] = [-1, 3, 4]
        const %c: float32[3,1] = random 1
        const %axes: int64[1] = [3]
        %a = Reshape(%s, %shape)
        %b = Mul(%a, %c)
        %y = Unsqueeze(%b, %axes)
        output "y" = %y`,
      after: `graph "g"
        input %x: float32[N,12]
        const %shape: int64[4] = [0, 3, 4, 1]
        const %c: float32[1,3,1,1] = *
        %s = Softplus(%x)
        %y_1 = Reshape(%s, %shape)
        %y = Mul(%y_1, %c)
        output "y" = %y`,
    },
  ],
});
