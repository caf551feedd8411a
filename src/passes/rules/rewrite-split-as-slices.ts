import { Tensor } from '../../ir/tensor.js';
import { any, constant, maybe, op } from '../pattern.js';
import { decline, rule, type Rule } from '../rule.js';

/** Split(x) → one Slice for each part, so that each is a tensor of its own to whatever reads it. */
export const rewriteSplitAsSlices: Rule = rule({
  name: 'rewrite-split-as-slices',
  match: op('Split', [any('x'), maybe(constant('sizes'))], { as: 'split' }),
  rewrite: ({ x, split }, to) => {
    const rank = x.type.shape.length;
    const axis = (split.attrs.int('axis', 0) + rank) % rank;
    const sizes = split.outputs.map(({ type }) => type.shape[axis]).filter((size) => typeof size === 'number');
    if (sizes.length < split.outputs.length) return decline('the sizes of the parts are not known', split);
    let start = 0;
    return split.outputs.map((part, i) => {
      const from = start;
      start += sizes[i] ?? 0;
      const bounds = [from, start, axis].map((value, at) =>
        to.constant(Tensor.int64([value]), `${part.name}/${BOUND_NAMES[at] ?? 'bound'}`),
      );
      return to.op('Slice', [x, ...bounds]);
    });
  },
});

const BOUND_NAMES = ['starts', 'ends', 'axes'];
