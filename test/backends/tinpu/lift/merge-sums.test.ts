import { mergeSums } from '../../../../src/backends/tinpu/lift/merge-sums.js';
import { describeRule } from '../../../support/rules.js';

const EXACTNESS = { relative: 1e-6, because: 'real numbers are added in another order' };

const sums = (first: string, second: string, keeps: readonly [number, number]): string => `graph "g"
  input %x: float32[N,2,3,4]
  const %a: int64[1] = [${first}]
  const %b: int64[1] = [${second}]
  %r = ReduceSum(%x, %a) {keepdims = ${keeps[0]}}
  %y = ReduceSum(%r, %b) {keepdims = ${keeps[1]}}
  output "y" = %y`;

const sum = (axes: string, keeps: number): string => `graph "g"
  input %x: float32[N,2,3,4]
  const %b: int64[2] = [${axes}]
  %y = ReduceSum(%x, %b) {keepdims = ${keeps}}
  output "y" = %y`;

describeRule(mergeSums, {
  rewrites: [
    { name: 'axes that are kept', before: sums('3', '2', [1, 1]), after: sum('2, 3', 1), exactness: EXACTNESS },
    { name: 'axes that are dropped', before: sums('2', '2', [0, 0]), after: sum('2, 3', 0), exactness: EXACTNESS },
    {
      name: 'an axis before a dropped one',
      before: sums('1', '-1', [0, 0]),
      after: sum('1, 3', 0),
      exactness: EXACTNESS,
    },
  ],
  refusals: [
    {
      name: 'one that keeps its axes before one that does not',
      graph: sums('3', '2', [1, 0]),
      reason: 'one keeps the axes, the other drops them',
    },
    {
      name: 'a first sum that others read',
      graph: sums('3', '2', [1, 1]) + '\n output "r" = %r',
      reason: "'r' has other readers",
    },
  ],
});
