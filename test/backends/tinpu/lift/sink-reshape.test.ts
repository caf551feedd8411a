import { sinkReshape } from '../../../../src/backends/tinpu/lift/sink-reshape.js';
import { describeRule } from '../../../support/rules.js';

const graph = (consts: string, nodes: string, shape = 'N,2,3,1'): string => `graph "g"
  input %x: float32[${shape}]
  const %w: float32[2,2,1,1] = [1, 2, -3, 4]
  const %axis: int64[1] = [3]
  const %flat: int64[2] = [0, -1]
  ${consts}
  ${nodes}
  output "y" = %y`;

const CONV = '%c: float32[N,2,3,1] = Conv(%x, %w) {kernel_shape = [1, 1]}';

describeRule(sinkReshape, {
  rewrites: [
    {
      name: 'a bias per channel behind the Squeeze of a convolution',
      before: graph('const %b: float32[2,1] = [5, 7]', `${CONV}\n  %s = Squeeze(%c, %axis)\n  %y = Add(%s, %b)`),
      after: graph(
        'const %b: float32[1,2,1,1] = [5, 7]',
        `${CONV}\n  %y = Add(%c, %b)\n  %y_2 = Squeeze(%y, %axis)`,
      ).replace('output "y" = %y', 'output "y" = %y_2'),
    },
    {
      name: 'a constant of each element behind a Reshape to rows',
      before: graph(
        'const %b: float32[6] = [1, 2, 3, 4, 5, 6]',
        `${CONV}\n  %s: float32[N,6] = Reshape(%c, %flat)\n  %y = Mul(%b, %s)`,
      ),
      after: graph(
        'const %b: float32[1,2,3,1] = [1, 2, 3, 4, 5, 6]',
        `${CONV}\n  %y = Mul(%b, %c)\n  %y_2 = Flatten(%y) {axis = 1}`,
      ).replace('output "y" = %y', 'output "y" = %y_2'),
    },
    {
      name: 'one number, a Floor and its bounds',
      before: graph(
        'const %b: float32[1,1,1] = [0.25]\n const %lo: float32[] = [-2]',
        `${CONV}\n  %m = Mul(%c, %b)\n  %s = Squeeze(%m, %axis)\n  %f = Floor(%s)\n  %y = Clip(%f, %lo)`,
      ),
      after: graph(
        'const %b: float32[1,1,1] = [0.25]\n const %lo: float32[] = [-2]',
        `${CONV}\n  %m = Mul(%c, %b)\n  %f = Floor(%m)\n  %y = Clip(%f, %lo)\n  %y_2 = Squeeze(%y, %axis)`,
      ).replace('output "y" = %y', 'output "y" = %y_2'),
    },
    {
      name: 'the layout of an input that is quantised',
      before: graph('const %b: float32[] = [16]', '%s = Squeeze(%x, %axis)\n  %m = Mul(%s, %b)\n  %y = Floor(%m)'),
      after: graph(
        'const %b: float32[] = [16]',
        '%m = Mul(%x, %b)\n  %y = Floor(%m)\n  %y_2 = Squeeze(%y, %axis)',
      ).replace('output "y" = %y', 'output "y" = %y_2'),
    },
  ],
  refusals: [
    {
      name: 'a constant that enlarges the tensor',
      graph: graph(
        'const %b: float32[1,1,4] = [1, 2, 3, 4]',
        `${CONV.replaceAll('N,2,3,1', 'N,2,1,1')}
        %s = Squeeze(%c, %axis)
        %y = Add(%s, %b)`,
        'N,2,1,1',
      ),
      reason: 'the constant enlarges the tensor',
    },
    {
      name: 'a constant for each sample of a merged axis',
      graph: graph(
        'const %b: float32[3,1] = [1, 2, 3]\n const %to: int64[3] = [-1, 3, 2]',
        `${CONV}\n  %s: float32[M,3,2] = Reshape(%c, %to)\n  %y = Add(%s, %b)`,
      ),
      reason: 'the constant has no counterpart under the other shape',
    },
  ],
  untouched: [
    {
      name: 'a factor behind the layout of an activation',
      graph: graph('const %b: float32[] = [2]', '%c = Relu(%x)\n  %s = Squeeze(%c, %axis)\n  %y = Mul(%s, %b)'),
    },
    {
      name: 'a Reshape that others read',
      graph:
        graph('const %b: float32[] = [2]', `${CONV}\n  %s = Squeeze(%c, %axis)\n  %y = Mul(%s, %b)`) +
        '\n output "s" = %s',
    },
  ],
});
