import { spellOutPad } from '../../../src/passes/rules/spell-out-pad.js';
import { describeRule } from '../../support/rules.js';

describeRule(spellOutPad, {
  rewrites: [
    {
      name: 'named axes, negative ones and negative pads among them, with a fill',
      before: `graph "g"
        input %x: float32[N,3,4]
        const %p: int64[4] = [1, -1, 2, 0]
        const %v: float32[] = [2.5]
        const %a: int64[2] = [-1, 1]
        %y = Pad(%x, %p, %v, %a) "pad" @[1 "pad" "Pad"]
        output "y" = %y`,
      after: `graph "g"
        input %x: float32[N,3,4]
        const %p: int64[6] = [0, -1, 1, 0, 0, 2]
        const %v: float32[] = [2.5]
        %y: float32[N,2,7] = Pad(%x, %p, %v) "pad" @[1 "pad" "Pad"]
        output "y" = %y`,
    },
    {
      name: 'named axes in another mode',
      before: `graph "g"
        input %x: float32[2,3]
        const %p: int64[2] = [1, 1]
        const %a: int64[1] = [1]
        %y = Pad(%x, %p, _, %a) {mode = "reflect"} "pad"
        output "y" = %y`,
      after: `graph "g"
        input %x: float32[2,3]
        const %p: int64[4] = [0, 1, 0, 1]
        %y = Pad(%x, %p) {mode = "reflect"} "pad"
        output "y" = %y`,
    },
    {
      name: 'wrapping what is left when elements behind are taken away',
      before: `graph "g"
        input %x: float32[N,5]
        const %p: int64[4] = [0, 2, 0, -2]
        %y = Pad(%x, %p) {mode = "wrap"} "pad"
        output "y" = %y`,
      after: `graph "g"
        input %x: float32[N,5]
        const %i: int64[5] = [1, 2, 0, 1, 2]
        %y = Gather(%x, %i) {axis = 1} "pad"
        output "y" = %y`,
    },
    {
      name: 'wrapping, further than the axis is long and with elements taken away first',
      before: `graph "g"
        input %x: float32[N,3,4]
        const %p: int64[6] = [0, 4, -1, 0, 1, 2]
        %y = Pad(%x, %p) {mode = "wrap"} "pad"
        output "y" = %y`,
      after: `graph "g"
        input %x: float32[N,3,4]
        const %i: int64[8] = [2, 0, 1, 2, 0, 1, 2, 0]
        const %j: int64[5] = [1, 2, 3, 1, 2]
        %"y_1" = Gather(%x, %i) {axis = 1} "pad"
        %y = Gather(%"y_1", %j) {axis = 2} "pad"
        output "y" = %y`,
    },
  ],
  refusals: [
    {
      name: 'wrapping an axis whose size is not known',
      graph: `graph "g"
        input %x: float32[N,3]
        const %p: int64[4] = [1, 0, 0, 0]
        %y = Pad(%x, %p) {mode = "wrap"}
        output "y" = %y`,
      reason: 'it wraps an axis of unknown size',
    },
    {
      name: 'pads that the model computes',
      graph: `graph "g"
        input %x: float32[2,3]
        input %p: int64[2]
        const %a: int64[1] = [1]
        %y = Pad(%x, %p, _, %a)
        output "y" = %y`,
      reason: 'the pads are computed by the model',
    },
  ],
  untouched: [
    {
      name: 'pads of every axis',
      graph: 'graph "g"\ninput %x: float32[2]\nconst %p: int64[2] = [1, 0]\n%y = Pad(%x, %p)\noutput "y" = %y',
    },
  ],
});
