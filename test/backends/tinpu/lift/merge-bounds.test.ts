import { mergeBounds } from '../../../../src/backends/tinpu/lift/merge-bounds.js';
import { describeRule } from '../../../support/rules.js';

const chain = (...steps: readonly string[]): string => `graph "g"
  input %x: float32[N,7]
  const %low: float32[] = [-3]
  const %one: float32[] = [1]
  const %zero: float32[] = [0]
  const %six: float32[] = [6]
  ${steps.map((step, i) => `%v${i} = ${step.replaceAll('$', i === 0 ? 'x' : `v${i - 1}`)}`).join('\n  ')}
  output "y" = %v${steps.length - 1}`;

describeRule(mergeBounds, {
  rewrites: [
    {
      name: 'a Relu behind a Clip, and a Clip behind that',
      before: chain('Clip(%$, %low, %six)', 'Relu(%$)', 'Clip(%$, %one, %six)'),
      after: chain('Clip(%$, %one, %six)').replaceAll('v0', 'v2'),
    },
    {
      name: 'a bound at a time',
      before: chain('Clip(%$, _, %six)', 'Clip(%$, %low)'),
      after: chain('Clip(%$, %low, %six)').replaceAll('v0', 'v1'),
    },
    {
      name: 'two Relus',
      before: chain('Relu(%$)', 'Relu(%$)'),
      after: chain('Clip(%$, %zero)').replaceAll('v0', 'v1'),
    },
  ],
  refusals: [
    {
      name: 'bounds that others read between',
      graph: chain('Relu(%$)', 'Clip(%$, %low, %six)') + '\n output "between" = %v0',
      reason: "'v0' has other readers",
    },
    {
      name: 'bounds that are computed',
      graph: chain('Neg(%six)', 'Relu(%x)', 'Clip(%$, %v0)'),
      reason: 'the bounds are not constants of float32',
    },
  ],
});
