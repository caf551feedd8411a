import { spellOutIdleReduction } from '../../../src/passes/rules/spell-out-idle-reduction.js';
import { describeRule } from '../../support/rules.js';

const NO_AXES = '{noop_with_empty_axes = 1}';

describeRule(spellOutIdleReduction, {
  rewrites: [
    ...['ReduceMax', 'ReduceMean', 'ReduceMin', 'ReduceProd', 'ReduceSum'].map((op) => ({
      name: `${op} that passes its data on`,
      before: `graph "g"
        input %x: float32[N,3]
        const %a: int64[0] = []
        %m = ${op}(%x, %a) ${NO_AXES} "m"
        %y = Abs(%m) "abs"
        output "y" = %y`,
      after: `graph "g"
        input %x: float32[N,3]
        %y = Abs(%x) "abs"
        output "y" = %y`,
    })),
    ...(
      [
        ['ReduceL1', 'Abs(%x)'],
        ['ReduceL2', 'Abs(%x)'],
        ['ReduceLogSum', 'Log(%x)'],
        ['ReduceSumSquare', 'Mul(%x, %x)'],
      ] as const
    ).map(([op, call]) => ({
      name: `${op}, which changes a single element`,
      before: `graph "g"
        input %x: float32[N,3]
        %y = ${op}(%x) ${NO_AXES} "m" @[1 "m" "${op}"]
        output "y" = %y`,
      after: `graph "g"
        input %x: float32[N,3]
        %y = ${call} "m" @[1 "m" "${op}"]
        output "y" = %y`,
      feeds: { ranges: { x: [0.5, 4] as const } },
    })),
  ],
  untouched: [
    {
      name: 'a reduction over all axes',
      graph: 'graph "g"\ninput %x: float32[N,3]\n%y = ReduceMean(%x)\noutput "y" = %y',
    },
  ],
});
