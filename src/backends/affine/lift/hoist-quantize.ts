import { isConstant } from '../../../ir/graph.js';
import { decline, type Rule } from '../../../passes/rule.js';
import { moveIntegers, moverObstacle } from './move-integers.js';
import { quantisedTensor, quantisationOf } from './quantised-tensor.js';
import { resultOf, targetOf } from './quantisation-target.js';
import { readingRule } from './reading-rule.js';

/** Movers of one tensor that add no elements. */
const PLAIN: ReadonlySet<string> = new Set([
  ...['Flatten', 'Reshape', 'Transpose', 'Squeeze', 'Unsqueeze', 'Slice', 'DepthToSpace', 'SpaceToDepth'],
  ...['MaxPool', 'GlobalMaxPool', 'ReduceMax', 'ReduceMin'],
]);

/** QuantizeLinear(mover of computed real numbers) → the mover of quantised ones, so that the layer before it becomes integers. */
export const hoistQuantize: Rule = readingRule({
  name: 'hoist-quantize',
  roots: ['QuantizeLinear'],
  read: (root) => {
    const mover = root.inputs[0]?.producer;
    if (mover?.domain !== '' || !PLAIN.has(mover.op)) return undefined;
    const [source] = mover.inputs;
    if (source?.producer === undefined || isConstant(source) || quantisedTensor(source) !== undefined) return undefined;
    const target = targetOf(root);
    if ('declined' in target) return target;
    const isRead = [...(mover.outputs[0]?.uses ?? [])].some(({ node }) => node !== root);
    if (isRead) return decline('the real numbers are read as well', mover);
    return moverObstacle(mover) ?? { mover, source, target, nodes: [mover] };
  },
  rewrite: ({ mover, source, target }, to, root) => {
    const quantisation = quantisationOf(target.dtype, target);
    const attrs = root.attrs.without('axis');
    const integers = to.op('QuantizeLinear', [source, ...root.inputs.slice(1)], attrs, {
      part: 'quantized',
      quantisation,
    });
    return moveIntegers(mover, to, target.dtype, target.zero, () => integers, resultOf(target));
  },
});
