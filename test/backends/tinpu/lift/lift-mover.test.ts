import { liftMover } from '../../../../src/backends/tinpu/lift/lift-mover.js';
import { describeRule } from '../../../support/rules.js';
import { TINPU_RULES } from '../../../support/tinpu-rules.js';

const layout = (name: string, call: (x: string) => string, shape: string, consts = '') => ({
  name,
  before: `graph "g"
    input %x: uint8[N,3,4,2]
    ${consts}
    %"x/float" = Cast(%x) {to = 1}
    %y = ${call('%"x/float"')} "layout" @[4 "layout" "Layout"]
    output "y" = %y`,
  after: `graph "g"
    input %x: uint8[N,3,4,2]
    ${consts}
    %y: uint8[${shape}] = ${call('%x')} "layout" @[4 "layout" "Layout"]
    %"y/float" = Cast(%y) {to = 1} "layout"
    output "y" = %"y/float"`,
});

describeRule(
  liftMover,
  {
    rewrites: [
      layout('Flatten', (x) => `Flatten(${x}) {axis = 1}`, 'N,24'),
      layout('Transpose', (x) => `Transpose(${x}) {perm = [0, 2, 3, 1]}`, 'N,4,2,3'),
      layout('Reshape', (x) => `Reshape(${x}, %s)`, 'N,12,2', 'const %s: int64[3] = [0, 12, 2]'),
      layout('Unsqueeze', (x) => `Unsqueeze(${x}, %s)`, 'N,3,1,4,2', 'const %s: int64[1] = [2]'),
      layout('MaxPool', (x) => `MaxPool(${x}) {kernel_shape = [2, 2], pads = [1, 0, 0, 1]}`, 'N,3,4,2'),
      {
        name: 'Concat of tensors and a constant',
        before: `graph "g"
          input %a: int8[N,2]
          input %b: int8[N,1]
          const %c: float32[1,2] = [-128, 7]
          %fa = Cast(%a) {to = 1}
          %fb = Cast(%b) {to = 1}
          %y = Concat(%fa, %c, %fb) {axis = 1} "cat" @[4 "cat" "Concat"]
          output "y" = %y`,
        after: `graph "g"
          input %a: int8[N,2]
          input %b: int8[N,1]
          const %c: int8[1,2] = [-128, 7]
          %y: int8[1,5] = Concat(%a, %c, %b) {axis = 1} "cat" @[4 "cat" "Concat"]
          %"y/float" = Cast(%y) {to = 1} "cat"
          output "y" = %"y/float"`,
        feeds: { sizes: { N: [1, 1, 1] } },
      },
      {
        name: 'Pad with a value',
        before: `graph "g"
          input %a: uint8[N,2]
          const %pads: int64[4] = [0, 1, 0, 2]
          const %c: float32[] = [200]
          %fa = Cast(%a) {to = 1}
          %y = Pad(%fa, %pads, %c) "pad"
          output "y" = %y`,
        after: `graph "g"
          input %a: uint8[N,2]
          const %pads: int64[4] = [0, 1, 0, 2]
          const %c: uint8[] = [200]
          %y: uint8[N,5] = Pad(%a, %pads, %c) "pad"
          %"y/float" = Cast(%y) {to = 1} "pad"
          output "y" = %"y/float"`,
      },
      {
        name: 'Resize by sizes alone',
        before: `graph "g"
          input %a: uint8[1,1,2,2]
          const %sizes: int64[4] = [1, 1, 4, 6]
          %fa = Cast(%a) {to = 1}
          %y = Resize(%fa, _, _, %sizes) {coordinate_transformation_mode = "asymmetric", nearest_mode = "floor"} "up"
          output "y" = %y`,
        after: `graph "g"
          input %a: uint8[1,1,2,2]
          const %sizes: int64[4] = [1, 1, 4, 6]
          %y: uint8[1,1,4,6] = Resize(%a, _, _, %sizes) {coordinate_transformation_mode = "asymmetric", nearest_mode = "floor"} "up"
          %"y/float" = Cast(%y) {to = 1} "up"
          output "y" = %"y/float"`,
      },
      {
        name: 'the layout of accumulators',
        before: `graph "g"
          input %x: int32[N,3,1,1]
          %f = Cast(%x) {to = 1}
          %y = Flatten(%f) {axis = 1} "flat"
          output "y" = %y`,
        after: `graph "g"
          input %x: int32[N,3,1,1]
          %y = Flatten(%x) {axis = 1} "flat"
          %"y/float" = Cast(%y) {to = 1} "flat"
          output "y" = %"y/float"`,
      },
    ],
    refusals: [
      {
        name: 'a cast between float types',
        graph: `graph "g"
          input %x: float64[N,3]
          %f = Cast(%x) {to = 1}
          %y = Flatten(%f) {axis = 1}
          output "y" = %y`,
        reason: 'the tensors hold no integers of one type',
      },
      {
        name: 'MaxPool of more than 8 bits',
        graph: `graph "g"
          input %x: int16[N,1,4,4]
          %f = Cast(%x) {to = 1}
          %y = MaxPool(%f) {kernel_shape = [2, 2]}
          output "y" = %y`,
        reason: 'MaxPool does not take int16',
      },
      {
        name: 'tensors of two types',
        graph: `graph "g"
          input %a: int8[N,2]
          input %b: uint8[N,2]
          %fa = Cast(%a) {to = 1}
          %fb = Cast(%b) {to = 1}
          %y = Concat(%fa, %fb) {axis = 1}
          output "y" = %y`,
        reason: 'the tensors hold no integers of one type',
      },
      {
        name: 'integers joined with a float tensor',
        graph: `graph "g"
          input %a: int8[N,2]
          input %b: float32[N,2]
          %fa = Cast(%a) {to = 1}
          %y = Max(%fa, %b)
          output "y" = %y`,
        reason: 'the tensors hold no integers of one type',
      },
      {
        name: 'a constant that the type of the integers does not hold',
        graph: `graph "g"
          input %a: uint8[N,2]
          const %c: float32[] = [-1]
          %fa = Cast(%a) {to = 1}
          %y = Max(%fa, %c)
          output "y" = %y`,
        reason: 'the constants are not integers of type uint8',
      },
      {
        name: 'padding with a fraction',
        graph: `graph "g"
          input %a: int8[N,2]
          const %pads: int64[4] = [0, 1, 0, 0]
          const %c: float32[] = [0.5]
          %fa = Cast(%a) {to = 1}
          %y = Pad(%fa, %pads, %c)
          output "y" = %y`,
        reason: 'the constants are not integers of type int8',
      },
      {
        name: 'a Resize that interpolates',
        graph: `graph "g"
          input %a: uint8[N,1,2,2]
          const %scales: float32[4] = [1, 1, 2, 2]
          %fa = Cast(%a) {to = 1}
          %y = Resize(%fa, _, %scales) {mode = "linear"}
          output "y" = %y`,
        reason: 'Resize interpolates',
      },
      {
        name: 'a MaxPool that returns indices as well',
        graph: `graph "g"
          input %a: uint8[N,1,4,4]
          %fa = Cast(%a) {to = 1}
          %y, %i = MaxPool(%fa) {kernel_shape = [2, 2]}
          output "y" = %y
          output "i" = %i`,
        reason: 'MaxPool returns indices as well',
      },
      {
        name: 'a Cast that belongs to arithmetic in float',
        graph: `graph "g"
          input %a: float32[N,4]
          %i = Cast(%a) {to = 3} "to_int" @[0 "to_int" "Cast"]
          %fa = Cast(%i) {to = 1} "to_float" @[1 "to_float" "Cast"]
          %y = Flatten(%fa) {axis = 1} @[2 "flat" "Flatten"]
          output "y" = %y`,
        reason: 'the tensors hold no integers of one type',
      },
    ],
  },
  TINPU_RULES,
);
