import { liftRequantShift } from '../../../../src/backends/tinpu/lift/lift-requant-shift.js';
import { describeRule } from '../../../support/rules.js';
import { TINPU_RULES } from '../../../support/tinpu-rules.js';

const requantised = (argument: string, consts: string, attrs = 'shift = 4, lo = 0, hi = 255'): string => `graph "g"
  input %x: int32[N,2,3,1]
  ${consts}
  %f = Cast(%x) {to = 1}
  ${argument}
  %y = q.RequantShift(%v, %m, %a) {${attrs}} "act" @[1 "act" "RequantShift"]
  output "y" = %y`;
const CONSTANTS = `const %m: float32[2,1,1] = [3, 7]
  const %a: float32[] = [5]`;
const RANGE = { ranges: { x: [-3000, 3000] } } as const;

describeRule(
  liftRequantShift,
  {
    rewrites: [
      {
        name: 'accumulators',
        before: requantised('%v = Identity(%f)', CONSTANTS).replace('%v = Identity(%f)\n', '').replace('(%v,', '(%f,'),
        after: `graph "g"
          input %x: int32[N,2,3,1]
          const %m: int64[2,1,1] = [3, 7]
          const %a: int64[] = [5]
          %y: uint8[N,2,3,1] = q.RequantShift(%x, %m, %a) {shift = 4, lo = 0, hi = 255} "act" @[1 "act" "RequantShift"]
          %"y/float" = Cast(%y) {to = 1} "act"
          output "y" = %"y/float"`,
        feeds: RANGE,
      },
      {
        name: 'a bias before it, multiplied into the addend',
        before: requantised('%v = Add(%f, %b)', `${CONSTANTS}\n  const %b: float32[1,2,1,1] = [100, -20]`),
        after: `graph "g"
          input %x: int32[N,2,3,1]
          const %m: int64[2,1,1] = [3, 7]
          const %a: int64[1,2,1,1] = [305, -135]
          %y: uint8[N,2,3,1] = q.RequantShift(%x, %m, %a) {shift = 4, lo = 0, hi = 255} "act" @[1 "act" "RequantShift"]
          %"y/float" = Cast(%y) {to = 1} "act"
          output "y" = %"y/float"`,
        feeds: RANGE,
      },
    ],
    refusals: [
      {
        name: 'a bias that is a fraction',
        graph: requantised('%v = Add(%f, %b)', `${CONSTANTS}\n  const %b: float32[] = [0.5]`),
        reason: 'its constants are not integers',
      },
      {
        name: 'levels beyond 16 bits',
        graph: requantised(
          '%v = Add(%f, %b)',
          `${CONSTANTS}\n  const %b: float32[] = [1]`,
          'shift = 4, lo = 0, hi = 65535',
        ),
        reason: '0 … 65535 is no range of activations',
      },
      {
        name: 'real numbers',
        graph: requantised('%v = Floor(%f)', CONSTANTS),
        reason: 'what is requantised is no integer',
      },
    ],
  },
  TINPU_RULES,
);
