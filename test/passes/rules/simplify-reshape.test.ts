import { simplifyReshape } from '../../../src/passes/rules/simplify-reshape.js';
import { describeRule } from '../../support/rules.js';

const toFlatten = (name: string, shape: string, input = 'float32[N,3,4,5]') => ({
  name,
  before: `graph "g"
    input %x: ${input}
    const %shape: ${shape}
    %y = Reshape(%x, %shape)
    output "y" = %y`,
  after: `graph "g"
    input %x: ${input}
    %y = Flatten(%x) {axis = 1}
    output "y" = %y`,
});

describeRule(simplifyReshape, {
  rewrites: [
    toFlatten('Reshape to [0, -1] becomes Flatten', 'int64[2] = [0, -1]'),
    toFlatten('Reshape to [-1, K] becomes Flatten when K holds the rest', 'int64[2] = [-1, 60]'),
    toFlatten('Reshape to [0, K] becomes Flatten', 'int64[2] = [0, 60]'),
    toFlatten('Reshape to [1, K] becomes Flatten when the batch is 1', 'int64[2] = [1, 60]', 'float32[1,3,4,5]'),
    toFlatten('Reshape to [0, -1] becomes Flatten with one more unknown size', 'int64[2] = [0, -1]', 'float32[N,1,L]'),
    {
      name: 'Reshape to a computed shape becomes Flatten',
      before: `graph "g"
        input %x: float32[N,3,4,5]
        const %zero: int64[1] = [0]
        const %rest: int64[1] = [-1]
        %s = Shape(%x)
        %n = Gather(%s, %zero)
        %shape = Concat(%n, %rest) {axis = 0}
        %y = Reshape(%x, %shape)
        output "y" = %y`,
      after: `graph "g"
        input %x: float32[N,3,4,5]
        %y = Flatten(%x) {axis = 1}
        output "y" = %y`,
    },
    {
      name: 'Reshape to a computed shape becomes Reshape to a constant one',
      before: `graph "g"
        input %x: float32[N,24]
        input %like: float32[N,2,12,1]
        %shape = Shape(%like)
        %y = Reshape(%x, %shape)
        output "y" = %y`,
      after: `graph "g"
        input %x: float32[N,24]
        input %like: float32[N,2,12,1]
        const %shape: int64[4] = [0, 2, 12, 1]
        %y = Reshape(%x, %shape)
        output "y" = %y`,
    },
    {
      name: 'Reshape that changes nothing vanishes',
      before: `graph "g"
        input %x: float32[N,3]
        const %shape: int64[2] = [-1, 3]
        %a = Reshape(%x, %shape)
        %y = Relu(%a)
        output "y" = %y`,
      after: `graph "g"
        input %x: float32[N,3]
        %y = Relu(%x)
        output "y" = %y`,
    },
    {
      name: 'Flatten of a matrix vanishes',
      before: `graph "g"
        input %x: float32[N,3]
        %a = Flatten(%x)
        %y = Relu(%a)
        output "y" = %y`,
      after: `graph "g"
        input %x: float32[N,3]
        %y = Relu(%x)
        output "y" = %y`,
    },
    {
      name: 'Flatten at a negative axis is stated at axis 1',
      before: `graph "g"
        input %x: float32[N,3,4]
        %y = Flatten(%x) {axis = -2}
        output "y" = %y`,
      after: `graph "g"
        input %x: float32[N,3,4]
        %y = Flatten(%x) {axis = 1}
        output "y" = %y`,
    },
    {
      name: 'Squeeze behind a global pool becomes Flatten',
      before: `graph "g"
        input %x: float32[N,3,4,5]
        const %axes: int64[2] = [-1, -2]
        %p = GlobalAveragePool(%x)
        %y = Squeeze(%p, %axes)
        output "y" = %y`,
      after: `graph "g"
        input %x: float32[N,3,4,5]
        %p = GlobalAveragePool(%x)
        %y = Flatten(%p) {axis = 1}
        output "y" = %y`,
    },
    {
      name: 'Reshape that adds axes becomes Unsqueeze, and one that drops them Squeeze',
      before: `graph "g"
        input %x: float32[N,3,L]
        input %z: float32[N,1,3,L]
        const %s: int64[4] = [0, 0, -1, 1]
        const %t: int64[3] = [0, 3, -1]
        %a = Reshape(%x, %s)
        %b = Reshape(%z, %t)
        output "a" = %a
        output "b" = %b`,
      after: `graph "g"
        input %x: float32[N,3,L]
        input %z: float32[N,1,3,L]
        const %axes: int64[1] = [3]
        const %axes_1: int64[1] = [1]
        %a = Unsqueeze(%x, %axes)
        %b = Squeeze(%z, %axes_1)
        output "a" = %a
        output "b" = %b`,
    },
    {
      name: 'Squeeze without axes names them',
      before: `graph "g"
        input %x: int8[1,2,1,3]
        %y = Squeeze(%x)
        output "y" = %y`,
      after: `graph "g"
        input %x: int8[1,2,1,3]
        const %axes: int64[2] = [0, 2]
        %y = Squeeze(%x, %axes)
        output "y" = %y`,
    },
  ],
  refusals: [
    {
      name: 'a Reshape that may merge the batch with other axes',
      graph: `graph "g"
        input %x: float32[N,3,M]
        const %shape: int64[2] = [-1, 6]
        %y = Reshape(%x, %shape)
        output "y" = %y`,
      reason: 'plainest form',
    },
    {
      name: 'Flatten that merges the batch with channels',
      graph: `graph "g"
        input %x: float32[N,3,L,M]
        %y = Flatten(%x) {axis = 2}
        output "y" = %y`,
      reason: 'no constant expresses',
    },
    {
      name: 'a shape that the data decide',
      graph: `graph "g"
        input %x: float32[N,3]
        input %shape: int64[2]
        %y = Reshape(%x, %shape)
        output "y" = %y`,
      reason: 'no constant expresses',
    },
    {
      name: 'sizes of 0 that a copied size would not give',
      graph: `graph "g"
        input %x: float32[0,3]
        const %shape: int64[2] = [3, 0]
        %y = Reshape(%x, %shape) {allowzero = 1}
        output "y" = %y`,
      reason: 'no constant expresses',
    },
  ],
});
