import { isFloat } from '../../ir/dtype.js';
import { reachOf } from '../layout/reduction.js';
import { reinterpret } from '../layout/reinterpret.js';
import { op } from '../pattern.js';
import { decline, rule, type Rule } from '../rule.js';

/** ReduceMean over all spatial axes of [N, C, …] → GlobalAveragePool and, without keepdims, a Flatten or Squeeze. */
export const rewriteMeanAsGlobalPool: Rule = rule({
  name: 'rewrite-mean-as-global-pool',
  match: op('ReduceMean', undefined, { as: 'mean' }),
  rewrite: ({ mean }, to) => {
    const [x] = mean.inputs;
    const shape = mean.outputs[0]?.type.shape;
    if (x === undefined || shape === undefined || !isFloat(x.type.dtype)) return decline('the data are integers', mean);
    const reach = reachOf(mean);
    if (reach === 'unknown') return decline('its axes are not constant', mean);
    if (reach === 'other') return decline('it does not reduce the spatial axes of [N, C, …] and them alone', mean);
    const pooled = reach === 'nothing' ? x : to.op('GlobalAveragePool', [x]);
    return reinterpret(to, pooled, shape) ?? decline('the shape has sizes that no constant expresses', mean);
  },
});
