import { rewriteSplitAsSlices } from '../../../src/passes/rules/rewrite-split-as-slices.js';
import { describeRule } from '../../support/rules.js';

/** A Split of %x: float32[N,6,4] along an axis into parts of the given sizes, before and after. */
const split = (name: string, axis: number, sizes: readonly number[], call: string, consts = '') => {
  const real = axis < 0 ? axis + 3 : axis;
  const shape = (size: number): string => (real === 1 ? `N,${size},4` : `N,6,${size}`);
  const starts = sizes.map((_, i) => sizes.slice(0, i).reduce((a, b) => a + b, 0));
  const labels = sizes.map((_, i) => `p${i}`);
  return {
    name,
    before: `graph "g"
      input %x: float32[N,6,4]
      ${consts}
      ${labels.map((label) => `%${label}`).join(', ')} = ${call} "split" @[2 "split" "Split"]
      ${labels.map((label) => `output "${label}" = %${label}`).join('\n')}`,
    after: `graph "g"
      input %x: float32[N,6,4]
      ${labels
        .map(
          (label, i) => `const %s${label}: int64[1] = [${starts[i] ?? 0}]
            const %e${label}: int64[1] = [${(starts[i] ?? 0) + (sizes[i] ?? 0)}]
            const %a${label}: int64[1] = [${real}]
            %${label}: float32[${shape(sizes[i] ?? 0)}] = Slice(%x, %s${label}, %e${label}, %a${label}) "split" @[2 "split" "Split"]`,
        )
        .join('\n')}
      ${labels.map((label) => `output "${label}" = %${label}`).join('\n')}`,
  };
};

describeRule(rewriteSplitAsSlices, {
  rewrites: [
    split('equal parts', 1, [2, 2, 2], 'Split(%x) {axis = 1, num_outputs = 3}'),
    split('uneven sizes', 1, [1, 3, 2], 'Split(%x, %n) {axis = 1}', 'const %n: int64[3] = [1, 3, 2]'),
    split('a negative axis', -1, [1, 3], 'Split(%x, %n) {axis = -1}', 'const %n: int64[2] = [1, 3]'),
    split('a single part', 2, [4], 'Split(%x) {axis = 2, num_outputs = 1}'),
    {
      name: 'along the first axis by default, the last part smaller, parts that are read by different nodes',
      before: `graph "g"
        input %x: float32[5,3]
        %a, %b = Split(%x) {num_outputs = 2} "split"
        %y = Tanh(%b) "tanh"
        output "a" = %a
        output "y" = %y`,
      after: `graph "g"
        input %x: float32[5,3]
        const %c0: int64[1] = [0]
        const %c1: int64[1] = [3]
        const %c2: int64[1] = [0]
        %a = Slice(%x, %c0, %c1, %c2) "split"
        const %d0: int64[1] = [3]
        const %d1: int64[1] = [5]
        const %d2: int64[1] = [0]
        %b = Slice(%x, %d0, %d1, %d2) "split"
        %y = Tanh(%b) "tanh"
        output "a" = %a
        output "y" = %y`,
    },
  ],
  refusals: [
    {
      name: 'parts of an axis whose size is not known',
      graph: `graph "g"
        input %x: float32[N,3]
        %a, %b = Split(%x) {num_outputs = 2} "split"
        output "a" = %a
        output "b" = %b`,
      reason: 'the sizes of the parts are not known',
    },
  ],
  untouched: [
    {
      name: 'what is a Slice already',
      graph: `graph "g"
        input %x: float32[N,3]
        const %s: int64[1] = [0]
        const %e: int64[1] = [2]
        const %a: int64[1] = [1]
        %y = Slice(%x, %s, %e, %a)
        output "y" = %y`,
    },
  ],
});
