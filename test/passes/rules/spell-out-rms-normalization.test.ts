import { spellOutRmsNormalization } from '../../../src/passes/rules/spell-out-rms-normalization.js';
import { describeRule } from '../../support/rules.js';

const exactness = { relative: 2 ** -21, because: 'each of six operations rounds to float32' };

const rms = (
  name: string,
  attrs: string,
  axes: string,
  epsilon: string,
): Parameters<typeof describeRule>[1]['rewrites'][0] => ({
  name,
  before: `graph "g"
    input %x: float32[N,3,4]
    const %s: float32[4] = [1, -2, 0.5, 3]
    %y = RMSNormalization(%x, %s) {${attrs}} "rms" @[1 "rms" "RMSNormalization"]
    output "y" = %y`,
  after: `graph "g"
    input %x: float32[N,3,4]
    const %a: int64[${axes.split(',').length}] = [${axes}]
    const %e: float32[] = [${epsilon}]
    const %s: float32[4] = [1, -2, 0.5, 3]
    %"y/square" = Mul(%x, %x) "rms" @[1 "rms" "RMSNormalization"]
    %"y/mean" = ReduceMean(%"y/square", %a) {keepdims = 1} "rms" @[1 "rms" "RMSNormalization"]
    %"y/shifted" = Add(%"y/mean", %e) "rms" @[1 "rms" "RMSNormalization"]
    %"y/root" = Sqrt(%"y/shifted") "rms" @[1 "rms" "RMSNormalization"]
    %"y/normal" = Div(%x, %"y/root") "rms" @[1 "rms" "RMSNormalization"]
    %y = Mul(%"y/normal", %s) "rms" @[1 "rms" "RMSNormalization"]
    output "y" = %y`,
  exactness,
});

describeRule(spellOutRmsNormalization, {
  rewrites: [
    rms('the epsilon of ONNX', 'axis = -1', '2', '1e-5'),
    rms('the last axis', 'epsilon = 0.125', '2', '0.125'),
    rms('all axes from one on', 'axis = 1, epsilon = 0.125', '1, 2', '0.125'),
    rms('a negative axis', 'axis = -2, epsilon = 0.125', '1, 2', '0.125'),
  ],
  refusals: [
    {
      name: 'float64',
      graph: 'graph "g"\ninput %x: float64[N,2]\ninput %s: float64[2]\n%y = RMSNormalization(%x, %s)\noutput "y" = %y',
      reason: 'the data are not float32',
    },
  ],
});
