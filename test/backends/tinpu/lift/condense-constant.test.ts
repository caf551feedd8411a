import { condenseConstant } from '../../../../src/backends/tinpu/lift/condense-constant.js';
import { describeRule } from '../../../support/rules.js';

const added = (constant: string, shape = 'N,2,2'): string => `graph "g"
  input %x: float32[${shape}]
  const %c: float32${constant}
  %y = Add(%x, %c)
  output "y" = %y`;

describeRule(condenseConstant, {
  rewrites: [
    { name: 'elements per channel', before: added('[1,2,2] = [1, 1, 5, 5]'), after: added('[1,2,1] = [1, 5]') },
    { name: 'equal elements', before: added('[2,2] = [3, 3, 3, 3]'), after: added('[1,1] = [3]') },
    { name: 'elements of the last axis', before: added('[1,2,2] = [1, 5, 1, 5]'), after: added('[1,1,2] = [1, 5]') },
    {
      name: 'a dividend that is no constant',
      before: added('[1,2,1] = [4, 4]').replace('Add', 'Div'),
      after: added('[1,1,1] = [4]').replace('Add', 'Div'),
    },
  ],
  refusals: [
    { name: 'elements that all differ', graph: added('[1,2,1] = [1, 2]'), reason: 'no axis repeats its elements' },
    {
      name: 'a constant that enlarges the tensor',
      graph: added('[1,2,2] = [1, 1, 5, 5]', '1,2,1'),
      reason: 'the constant enlarges the tensor',
    },
  ],
  untouched: [
    {
      name: 'a sum of two tensors',
      graph: `graph "g"
        input %x: float32[N,2]
        %y = Add(%x, %x)
        output "y" = %y`,
    },
  ],
});
