import { simplifyClip } from '../../../src/passes/rules/simplify-clip.js';
import { describeRule } from '../../support/rules.js';

const simplified = (name: string, constants: string, before: string, bounds: string, after: string) => ({
  name,
  before: `graph "g"
    input %x: float32[N,3]
    ${constants}
    %y = ${before}
    output "y" = %y`,
  after: `graph "g"
    input %x: float32[N,3]
    ${bounds}
    %y = ${after}
    output "y" = %y`,
});

describeRule(simplifyClip, {
  rewrites: [
    simplified(
      'bounds that are lists of one',
      'const %lo: float32[1] = [0]\nconst %hi: float32[1] = [6]',
      'Clip(%x, %lo, %hi)',
      'const %lo: float32[] = [0]\nconst %hi: float32[] = [6]',
      'Clip(%x, %lo, %hi)',
    ),
    simplified(
      'an infinite bound',
      'const %lo: float32[] = [0]\nconst %hi: float32[] = [inf]',
      'Clip(%x, %lo, %hi)',
      'const %lo: float32[] = [0]',
      'Clip(%x, %lo)',
    ),
    simplified(
      'the smallest float32, which exporters write for no bound',
      'const %lo: float32[] = [-3.4028234663852886e+38]\nconst %hi: float32[] = [1]',
      'Clip(%x, %lo, %hi)',
      'const %hi: float32[] = [1]',
      'Clip(%x, _, %hi)',
    ),
    simplified(
      'an empty interval, whose elements all become the maximum',
      'const %lo: float32[] = [2]\nconst %hi: float32[] = [1]',
      'Clip(%x, %lo, %hi)',
      'const %lo: float32[] = [1]\nconst %hi: float32[] = [1]',
      'Clip(%x, %lo, %hi)',
    ),
    {
      name: 'no bounds at all',
      before: `graph "g"
        input %x: float32[N,3]
        const %lo: float32[] = [-inf]
        %a = Clip(%x, %lo)
        %b = Clip(%a)
        %y = Neg(%b)
        output "y" = %y`,
      after: `graph "g"
        input %x: float32[N,3]
        %y = Neg(%x)
        output "y" = %y`,
    },
  ],
  refusals: [
    {
      name: 'bounds that are not constant',
      graph: `graph "g"
        input %x: float32[N,3]
        input %lo: float32[]
        %y = Clip(%x, %lo)
        output "y" = %y`,
      reason: 'the bounds are not constant',
    },
    {
      name: 'integers',
      graph: `graph "g"
        input %x: int8[N,3]
        const %lo: int8[] = [0]
        %y = Clip(%x, %lo)
        output "y" = %y`,
      reason: 'the data are not float32',
    },
    {
      name: 'the plainest form',
      graph: `graph "g"
        input %x: float32[N,3]
        const %hi: float32[] = [6]
        %y = Clip(%x, _, %hi)
        output "y" = %y`,
      reason: 'plainest form',
    },
  ],
});
