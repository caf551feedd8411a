import { spellOutDilatedPool } from '../../../src/passes/rules/spell-out-dilated-pool.js';
import { describeRule } from '../../support/rules.js';

const exactness = { relative: 2 ** -20, because: 'powers, sums and quotients round one by one' };

const NAME = '"p" @[1 "p" "Pool"]';

describeRule(spellOutDilatedPool, {
  rewrites: [
    {
      name: 'a mean that counts what lies within the data alone',
      before: `graph "g"
        input %x: float32[N,2,5]
        %y = AveragePool(%x) {kernel_shape = [2], dilations = [2], pads = [1, 0], strides = [2]} ${NAME}
        output "y" = %y`,
      after: `graph "g"
        input %x: float32[N,2,5]
        const %p: int64[6] = [0, 0, 1, 0, 0, 0]
        const %a: int64[1] = [2]
        const %s: int64[1] = [2]
        const %s0: int64[1] = [0]
        const %e0: int64[1] = [3]
        const %s1: int64[1] = [2]
        const %e1: int64[1] = [5]
        const %c: float32[1,1,2] = [1, 2]
        %"y/padded" = Pad(%x, %p) ${NAME}
        %"y/tap" = Slice(%"y/padded", %s0, %e0, %a, %s) ${NAME}
        %"y/tap_1" = Slice(%"y/padded", %s1, %e1, %a, %s) ${NAME}
        %"y/sum" = Sum(%"y/tap", %"y/tap_1") ${NAME}
        %y = Div(%"y/sum", %c) ${NAME}
        output "y" = %y`,
      exactness,
    },
    {
      name: 'a mean that counts the padding',
      before: `graph "g"
        input %x: float32[N,2,5]
        %y = AveragePool(%x) {kernel_shape = [2], dilations = [2], pads = [1, 1], count_include_pad = 1} ${NAME}
        output "y" = %y`,
      after: `graph "g"
        input %x: float32[N,2,5]
        const %p: int64[6] = [0, 0, 1, 0, 0, 1]
        const %a: int64[1] = [2]
        const %s: int64[1] = [1]
        const %s0: int64[1] = [0]
        const %e0: int64[1] = [5]
        const %s1: int64[1] = [2]
        const %e1: int64[1] = [7]
        const %c: float32[] = [2]
        %"y/padded" = Pad(%x, %p) ${NAME}
        %"y/tap" = Slice(%"y/padded", %s0, %e0, %a, %s) ${NAME}
        %"y/tap_1" = Slice(%"y/padded", %s1, %e1, %a, %s) ${NAME}
        %"y/sum" = Sum(%"y/tap", %"y/tap_1") ${NAME}
        %y = Div(%"y/sum", %c) ${NAME}
        output "y" = %y`,
      exactness,
    },
    ...(
      [
        [1, '%v = Abs(%x)', '', '%y = Sum(%t, %u)'],
        [2, '%v = Mul(%x, %x)', '', '%sum = Sum(%t, %u)\n%y = Sqrt(%sum)'],
        [
          3,
          '%m = Abs(%x)\n%v = Pow(%m, %three)',
          'const %three: float32[] = [3]\nconst %third: float32[] = [0.33333334]',
          '%sum = Sum(%t, %u)\n%y = Pow(%sum, %third)',
        ],
      ] as const
    ).map(([p, head, constants, tail]) => ({
      name: `a norm of order ${p}`,
      before: `graph "g"
        input %x: float32[N,2,4]
        %y = LpPool(%x) {kernel_shape = [2], dilations = [3], p = ${p}}
        output "y" = %y`,
      after: relabelled(
        `graph "g"
        input %x: float32[N,2,4]
        ${constants}
        const %a: int64[1] = [2]
        const %s: int64[1] = [1]
        const %s0: int64[1] = [0]
        const %e0: int64[1] = [1]
        const %s1: int64[1] = [3]
        const %e1: int64[1] = [4]
        ${head}
        %t = Slice(%v, %s0, %e0, %a, %s)
        %u = Slice(%v, %s1, %e1, %a, %s)
        ${tail}
        output "y" = %y`,
        p,
      ),
      exactness,
    })),
    {
      name: 'a norm whose last window reaches beyond the data',
      before: `graph "g"
        input %x: float32[N,1,4]
        %y = LpPool(%x) {kernel_shape = [2], strides = [3], ceil_mode = 1, p = 1}
        output "y" = %y`,
      after: `graph "g"
        input %x: float32[N,1,4]
        const %p: int64[6] = [0, 0, 0, 0, 0, 1]
        const %a: int64[1] = [2]
        const %s: int64[1] = [3]
        const %s0: int64[1] = [0]
        const %e0: int64[1] = [4]
        const %s1: int64[1] = [1]
        const %e1: int64[1] = [5]
        %"y/abs" = Abs(%x)
        %"y/padded" = Pad(%"y/abs", %p)
        %"y/tap" = Slice(%"y/padded", %s0, %e0, %a, %s)
        %"y/tap_1" = Slice(%"y/padded", %s1, %e1, %a, %s)
        %y = Sum(%"y/tap", %"y/tap_1")
        output "y" = %y`,
      exactness,
    },
  ],
  refusals: [
    {
      name: 'a map of unknown size',
      graph: `graph "g"
        input %x: float32[N,2,L]
        %y = AveragePool(%x) {kernel_shape = [2], dilations = [2]}
        output "y" = %y`,
      reason: 'the size of the map is not known',
    },
    {
      name: 'float64',
      graph: `graph "g"
        input %x: float64[N,2,5]
        %y = AveragePool(%x) {kernel_shape = [2], dilations = [2]}
        output "y" = %y`,
      reason: 'the data are not float32',
    },
  ],
  untouched: [
    {
      name: 'windows without gaps',
      graph: `graph "g"
        input %x: float32[N,2,5]
        %y = AveragePool(%x) {kernel_shape = [2], ceil_mode = 1, strides = [2]}
        output "y" = %y`,
    },
  ],
});

/** The labels that the rule gives its values. */
function relabelled(text: string, p: number): string {
  const labels = {
    v: p === 1 ? 'y/abs' : p === 2 ? 'y/square' : 'y/power',
    m: 'y/abs',
    t: 'y/tap',
    u: 'y/tap_1',
    sum: 'y/sum',
  };
  return text.replaceAll(/%(v|m|t|u|sum)\b/g, (_, label: keyof typeof labels) => `%"${labels[label]}"`);
}
