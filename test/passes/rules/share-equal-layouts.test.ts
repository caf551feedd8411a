import { OPERATORS } from '../../../src/ir/ops/index.js';
import { operator } from '../../../src/ir/ops/operator.js';
import { operatorTable } from '../../../src/ir/ops/table.js';
import { FLOAT_KERNELS } from '../../../src/runtime/float/index.js';
import { shareEqualLayouts } from '../../../src/passes/rules/share-equal-layouts.js';
import { describeRule } from '../../support/rules.js';

describeRule(shareEqualLayouts, {
  rewrites: [
    {
      name: 'the first Transpose serves the readers of the second',
      before: `graph "g"
        input %x: float32[N,3,4]
        %a = Transpose(%x) {perm = [0,2,1]}
        %b = Relu(%a)
        %c = Transpose(%x) {perm = [0,2,1]}
        %y = Sub(%b, %c)
        output "y" = %y`,
      after: `graph "g"
        input %x: float32[N,3,4]
        %a = Transpose(%x) {perm = [0,2,1]}
        %b = Relu(%a)
        %y = Sub(%b, %a)
        output "y" = %y`,
    },
    {
      name: 'Unsqueezes by equal constants',
      before: `graph "g"
        input %x: float32[N,3]
        const %i: int64[1] = [2]
        const %j: int64[1] = [2]
        %a = Unsqueeze(%x, %i)
        %b = Unsqueeze(%x, %j)
        output "a" = %a
        output "b" = %b`,
      after: `graph "g"
        input %x: float32[N,3]
        const %i: int64[1] = [2]
        %a = Unsqueeze(%x, %i)
        output "a" = %a
        output "b" = %a`,
    },
  ],
  refusals: [
    {
      name: 'others',
      graph: `graph "g"
        input %x: float32[N,3,4]
        const %s: int64[2] = [0, -1]
        const %t: int64[2] = [-1, 12]
        %a = Transpose(%x) {perm = [0,2,1]}
        %b = Transpose(%x) {perm = [2,0,1]}
        %c = Reshape(%x, %s)
        %d = Reshape(%x, %t)
        %e = Flatten(%x)
        output "a" = %a
        output "b" = %b
        output "c" = %c
        output "d" = %d
        output "e" = %e`,
      reason: 'no other node does the same',
    },
  ],
});

/** Of another domain, with the names of ai.onnx. */
const OTHER = ['Transpose', 'Unsqueeze'].map((name) =>
  operator({
    name,
    domain: 'com.example',
    since: 1,
    inputs: [1, 2],
    infer: (call) => OPERATORS.get(name)?.infer(call) ?? [],
  }),
);

describeRule(
  shareEqualLayouts,
  {
    rewrites: [],
    refusals: [
      {
        name: 'operators of the same name of another domain',
        graph: `graph "g"
          input %x: float32[2,3]
          const %i: int64[1] = [0]
          %a = com.example.Transpose(%x)
          %b = Transpose(%x)
          %c = com.example.Unsqueeze(%x, %i)
          %d = Unsqueeze(%x, %i)
          output "a" = %a
          output "b" = %b
          output "c" = %c
          output "d" = %d`,
        reason: 'no other node does the same',
      },
      {
        name: 'a reader of the same axes, and axes that the model computes',
        graph: `graph "g"
          input %x: int64[1]
          input %i: int64[1]
          %a = Unsqueeze(%i, %x)
          %b = Unsqueeze(%x, %x)
          %c = Unsqueeze(%x, %i)
          output "a" = %a
          output "b" = %b
          output "c" = %c`,
        reason: 'no other node does the same',
      },
    ],
  },
  { operators: operatorTable([...OPERATORS.values()], OTHER), kernels: FLOAT_KERNELS },
);
