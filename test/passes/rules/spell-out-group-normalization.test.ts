import { spellOutGroupNormalization } from '../../../src/passes/rules/spell-out-group-normalization.js';
import { describeRule } from '../../support/rules.js';

const exactness = { relative: 2 ** -20, because: 'the normalised data, their scaling and the bias round one by one' };

describeRule(spellOutGroupNormalization, {
  rewrites: [
    {
      name: 'with constant scale and bias, which take the axes of the channels',
      before: `graph "g"
        input %x: float32[N,4,3,2]
        const %s: float32[4] = [1, 2, -0.5, 0]
        const %b: float32[4] = [0.5, -1, 0, 3]
        %y = GroupNormalization(%x, %s, %b) {num_groups = 2, epsilon = 0.01} "gn" @[1 "gn" "GroupNormalization"]
        output "y" = %y`,
      after: `graph "g"
        input %x: float32[N,4,3,2]
        const %g: int64[3] = [0, 2, -1]
        const %one: float32[2] = [1, 1]
        const %zero: float32[2] = [0, 0]
        const %t: int64[4] = [0, 4, 3, 2]
        const %s: float32[4,1,1] = [1, 2, -0.5, 0]
        const %b: float32[4,1,1] = [-0.5, 1, -0, -3]
        %"y/groups" = Reshape(%x, %g) "gn" @[1 "gn" "GroupNormalization"]
        %"y/normal" = InstanceNormalization(%"y/groups", %one, %zero) {epsilon = 0.01} "gn" @[1 "gn" "GroupNormalization"]
        %"y/restored" = Reshape(%"y/normal", %t) "gn" @[1 "gn" "GroupNormalization"]
        %"y/scaled" = Mul(%"y/restored", %s) "gn" @[1 "gn" "GroupNormalization"]
        %y = Sub(%"y/scaled", %b) "gn" @[1 "gn" "GroupNormalization"]
        output "y" = %y`,
      exactness,
    },
    {
      name: 'over a map of unknown size, with scale and bias that the model computes',
      before: `graph "g"
        input %x: float32[N,4,L]
        input %s: float32[4]
        input %b: float32[4]
        %y = GroupNormalization(%x, %s, %b) {num_groups = 4} "gn"
        output "y" = %y`,
      after: `graph "g"
        input %x: float32[N,4,L]
        input %s: float32[4]
        input %b: float32[4]
        const %g: int64[3] = [0, 4, -1]
        const %one: float32[4] = splat 1
        const %zero: float32[4] = splat 0
        const %a: int64[1] = [1]
        const %a2: int64[1] = [1]
        %"y/groups": float32[N,4,L] = Reshape(%x, %g) "gn"
        %"y/normal": float32[N,4,L] = InstanceNormalization(%"y/groups", %one, %zero) {epsilon = 0.00001} "gn"
        %"y/shape" = Shape(%x) "gn"
        %"y/restored" = Reshape(%"y/normal", %"y/shape") "gn"
        %"y/channels" = Unsqueeze(%s, %a) "gn"
        %"y/scaled" = Mul(%"y/restored", %"y/channels") "gn"
        %"y/negated" = Neg(%b) "gn"
        %"y/channels_1" = Unsqueeze(%"y/negated", %a2) "gn"
        %y = Sub(%"y/scaled", %"y/channels_1") "gn"
        output "y" = %y`,
      exactness,
    },
  ],
  refusals: [
    {
      name: 'float64',
      graph: `graph "g"
        input %x: float64[N,2,3]
        input %s: float64[2]
        %y = GroupNormalization(%x, %s, %s) {num_groups = 1}
        output "y" = %y`,
      reason: 'the data are not float32',
    },
    {
      name: 'statistics of float64',
      graph: `graph "g"
        input %x: float32[N,2,3]
        input %s: float32[2]
        %y = GroupNormalization(%x, %s, %s) {num_groups = 1, stash_type = 11}
        output "y" = %y`,
      reason: 'the statistics are not float32',
    },
  ],
});
