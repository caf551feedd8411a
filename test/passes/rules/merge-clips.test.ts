import { mergeClips } from '../../../src/passes/rules/merge-clips.js';
import { describeRule } from '../../support/rules.js';

/** Two Clips, given as [min, max], and the one they become. */
const merged = (
  name: string,
  first: readonly [number, number],
  second: readonly [number, number],
  both: readonly [number, number],
) => ({
  name,
  before: `graph "g"
    input %x: float32[N,7]
    const %a: float32[] = [${first[0]}]
    const %b: float32[] = [${first[1]}]
    const %c: float32[] = [${second[0]}]
    const %d: float32[] = [${second[1]}]
    %m = Clip(%x, %a, %b)
    %y = Clip(%m, %c, %d)
    output "y" = %y`,
  after: `graph "g"
    input %x: float32[N,7]
    const %a: float32[] = [${both[0]}]
    const %b: float32[] = [${both[1]}]
    %y = Clip(%x, %a, %b)
    output "y" = %y`,
});

describeRule(mergeClips, {
  rewrites: [
    merged('intervals that overlap', [-1, 4], [0, 6], [0, 4]),
    merged('the second inside the first', [-1, 4], [0, 2], [0, 2]),
    merged('the second above the first', [-1, 0], [1, 2], [1, 1]),
    merged('the second below the first', [1, 2], [-1, 0], [0, 0]),
    merged('an empty first', [2, -2], [-1, 0], [-1, -1]),
    {
      name: 'the second changes nothing, and the first has other readers',
      before: `graph "g"
        input %x: float32[N,7]
        const %zero: float32[] = [0]
        const %six: float32[] = [6]
        %a = Clip(%x, %zero, %six)
        %b = Clip(%a, %zero)
        %y = Neg(%b)
        output "a" = %a
        output "y" = %y`,
      after: `graph "g"
        input %x: float32[N,7]
        const %zero: float32[] = [0]
        const %six: float32[] = [6]
        %a = Clip(%x, %zero, %six)
        %y = Neg(%a)
        output "a" = %a
        output "y" = %y`,
    },
  ],
  refusals: [
    {
      name: 'a first Clip that others read',
      graph: `graph "g"
        input %x: float32[N,7]
        const %zero: float32[] = [0]
        const %one: float32[] = [1]
        %a = Clip(%x, %zero)
        %y = Clip(%a, _, %one)
        output "a" = %a
        output "y" = %y`,
      reason: "'a' has other readers",
    },
    {
      name: 'bounds that are not constant',
      graph: `graph "g"
        input %x: float32[N,7]
        input %lo: float32[]
        const %one: float32[] = [1]
        %a = Clip(%x, %lo)
        %y = Clip(%a, _, %one)
        output "y" = %y`,
      reason: 'not constants of float32',
    },
  ],
});
