import { isConstant, type Node, type Value } from '../../ir/graph.js';
import { windowAttributes } from '../../ir/ops/window.js';
import { squeezed, unsqueezed } from '../layout/axis-map.js';
import { withoutSpatialAxis } from '../layout/window.js';
import { having } from '../having.js';
import { op } from '../pattern.js';
import { decline, rule, type Rule } from '../rule.js';

const CONVOLUTIONS = ['Conv', 'ConvTranspose'];
const OPERATORS = [
  ...CONVOLUTIONS,
  'MaxPool',
  'AveragePool',
  'LpPool',
  'GlobalAveragePool',
  'GlobalMaxPool',
  'BatchNormalization',
];

/** A convolution, pool or BatchNormalization of [N, C, D, H, W] on one of whose axes nothing happens → the same on the other two. */
export const narrowWindow: Rule = rule({
  name: 'narrow-window',
  match: having(op(OPERATORS, undefined, { as: 'node' }), ({ inputs: [x] }) =>
    x?.type.shape.length === 5 ? undefined : 'the data are not three-dimensional',
  ),
  rewrite: ({ node }, to) => {
    const [x, weight, ...rest] = node.inputs;
    const axis = [0, 1, 2].find((candidate) => isIdle(node, candidate));
    if (x === undefined || axis === undefined) return decline('every spatial axis is in use', node);
    if (node.outputs.length > 1) return decline('it has a second result, the places of the maxima', node);
    const narrowed = (value: Value): Value =>
      isConstant(value)
        ? to.constant(value.constant.reshape(value.constant.dims.toSpliced(axis + 2, 1)), value.name)
        : squeezed(to, value, [axis + 2]);
    const kernel = CONVOLUTIONS.includes(node.op) && weight !== undefined ? narrowed(weight) : weight;
    const inputs = [squeezed(to, x, [axis + 2]), ...(kernel === undefined ? [] : [kernel]), ...rest];
    return unsqueezed(to, to.op(node.op, inputs, withoutSpatialAxis(node.attrs, axis), { heir: true }), [axis + 2]);
  },
});

/** Whether the spatial axis has size 1 and the window neither grows nor pads it. */
function isIdle(node: Node, axis: number): boolean {
  const place = axis + 2;
  const [x, weight] = node.inputs;
  if (x?.type.shape[place] !== 1 || node.outputs[0]?.type.shape[place] !== 1) return false;
  const kernel = CONVOLUTIONS.includes(node.op)
    ? weight?.type.shape[place]
    : (node.attrs.ints('kernel_shape', [])[axis] ?? 1);
  const { padsBegin, padsEnd } = windowAttributes(node, 3);
  const padding = node.attrs.ints('output_padding', [])[axis] ?? 0;
  return kernel === 1 && padsBegin[axis] === 0 && padsEnd[axis] === 0 && padding === 0;
}
