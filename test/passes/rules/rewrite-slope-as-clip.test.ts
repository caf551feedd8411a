import { rewriteSlopeAsClip } from '../../../src/passes/rules/rewrite-slope-as-clip.js';
import { describeRule } from '../../support/rules.js';

const rewritten = (name: string, before: string, constants = '') => ({
  name,
  before: `graph "g"
    input %x: float32[N,3,4]
    ${constants}
    %y = ${before}
    output "y" = %y`,
  after: `graph "g"
    input %x: float32[N,3,4]
    const %min: float32[] = [0]
    %y = Clip(%x, %min)
    output "y" = %y`,
});

const refused = (name: string, layer: string, reason: string, constants = '', dtype = 'float32') => ({
  name,
  graph: `graph "g"
    input %x: ${dtype}[N,3]
    ${constants}
    %y = ${layer}
    output "y" = %y`,
  reason,
});

describeRule(rewriteSlopeAsClip, {
  rewrites: [
    rewritten('LeakyRelu', 'LeakyRelu(%x) {alpha = 0.0}'),
    rewritten('PRelu', 'PRelu(%x, %slope)', 'const %slope: float32[3,1] = [0, -0.0, 0]'),
    rewritten('ThresholdedRelu', 'ThresholdedRelu(%x) {alpha = 0.0}'),
    rewritten('Elu', 'Elu(%x) {alpha = 0.0}'),
  ],
  refusals: [
    refused('LeakyRelu with its default slope', 'LeakyRelu(%x)', 'it is not 0 below 0'),
    refused('Elu with its default slope', 'Elu(%x)', 'it is not 0 below 0'),
    refused('PRelu with one slope', 'PRelu(%x, %s)', 'it is not 0 below 0', 'const %s: float32[3] = [0, 0, 0.1]'),
    refused('a slope that is not constant', 'PRelu(%x, %s)', 'it is not 0 below 0', 'input %s: float32[3]'),
    refused('other floats', 'LeakyRelu(%x) {alpha = 0.0}', 'the data are not float32', '', 'float64'),
  ],
});
