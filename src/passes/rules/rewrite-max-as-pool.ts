import { isFloat } from '../../ir/dtype.js';
import { isStatic } from '../../ir/shape.js';
import { reachOf } from '../layout/reduction.js';
import { reinterpret } from '../layout/reinterpret.js';
import { op } from '../pattern.js';
import { decline, rule, type Rule } from '../rule.js';

/**
 * ReduceMax over all spatial axes of [N, C, …], or GlobalMaxPool → MaxPool with a window over the whole map and, without
 * keepdims, a Flatten or Squeeze.
 */
export const rewriteMaxAsPool: Rule = rule({
  name: 'rewrite-max-as-pool',
  match: op(['ReduceMax', 'GlobalMaxPool'], undefined, { as: 'max' }),
  rewrite: ({ max }, to) => {
    const [x] = max.inputs;
    const shape = max.outputs[0]?.type.shape;
    if (x === undefined || shape === undefined || !isFloat(x.type.dtype)) return decline('the data are integers', max);
    const reach = max.op === 'GlobalMaxPool' ? 'spatial' : reachOf(max);
    if (reach === 'unknown') return decline('its axes are not constant', max);
    if (reach === 'other') return decline('it does not reduce the spatial axes of [N, C, …] and them alone', max);
    const spatial = x.type.shape.slice(2);
    if (!isStatic(spatial) && max.op === 'GlobalMaxPool') return decline('the sizes of the map are not known', max);
    const window = {
      kernel_shape: spatial.map(Number),
      pads: spatial.flatMap(() => [0, 0]),
      strides: spatial.map(() => 1),
    };
    const pooled =
      reach === 'nothing' ? x : isStatic(spatial) ? to.op('MaxPool', [x], window) : to.op('GlobalMaxPool', [x]);
    return reinterpret(to, pooled, shape) ?? decline('the shape has sizes that no constant expresses', max);
  },
});
