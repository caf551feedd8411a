import { Tensor } from '../../../ir/tensor.js';
import { decline, type Rule } from '../../../passes/rule.js';
import { activation, quantisationOf } from './quantised-tensor.js';
import { readingRule } from './reading-rule.js';

/** Split(DequantizeLinear) into known sizes → one Slice of the integers for each part, dequantised behind it. */
export const sinkBelowSplit: Rule = readingRule({
  name: 'sink-below-split',
  roots: ['Split'],
  read: (split) => {
    const x = activation(split.inputs[0]);
    if (x === undefined) return undefined;
    const rank = x.integers.type.shape.length;
    const axis = (split.attrs.int('axis', 0) + rank) % rank;
    const sizes = split.outputs.map(({ type }) => type.shape[axis]).filter((size) => typeof size === 'number');
    if (sizes.length < split.outputs.length) return decline('the sizes are computed', split);
    return { x, axis, sizes, nodes: [] };
  },
  rewrite: ({ x, axis, sizes }, to) => {
    let start = 0;
    return sizes.map((size) => {
      const bounds = [start, (start += size), axis].map((item, i) =>
        to.constant(Tensor.int64([item]), ['start', 'end', 'axis'][i]),
      );
      const quantisation = quantisationOf(x.integers.type.dtype, x);
      const part = to.op('Slice', [x.integers, ...bounds], {}, { part: 'integers', quantisation });
      return to.op('DequantizeLinear', [part, ...x.node.inputs.slice(1)], x.node.attrs);
    });
  },
});
