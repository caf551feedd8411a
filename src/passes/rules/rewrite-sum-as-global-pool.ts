import { isFloat } from '../../ir/dtype.js';
import { isStatic, sameShape, sizeOf } from '../../ir/shape.js';
import { reachOf } from '../layout/reduction.js';
import { reinterpret } from '../layout/reinterpret.js';
import { constant, op } from '../pattern.js';
import { decline, rule, type Rule } from '../rule.js';
import { splatOf } from '../splat.js';

/** How far factor · area may be from 1: the rounding of the reciprocal and of one product. */
const SLACK = 2 ** -22;

/** ReduceSum over all spatial axes of [N, C, …], divided by their size → GlobalAveragePool, up to two roundings. */
export const rewriteSumAsGlobalPool: Rule = rule({
  name: 'rewrite-sum-as-global-pool',
  match: op(['Mul', 'Div'], [op('ReduceSum', undefined, { as: 'sum', soleUse: true }), constant('factor')], {
    commutative: true,
    as: 'scaled',
  }),
  rewrite: ({ sum, factor, scaled }, to) => {
    const [x] = sum.inputs;
    const shape = scaled.outputs[0]?.type.shape;
    const scale = splatOf(factor);
    if (x === undefined || shape === undefined || !isFloat(x.type.dtype)) return decline('the data are integers', sum);
    if (reachOf(sum) !== 'spatial')
      return decline('it does not reduce the spatial axes of [N, C, …] and them alone', sum);
    const spatial = x.type.shape.slice(2);
    if (!isStatic(spatial)) return decline('the size of the spatial axes is not known', sum);
    if (scale === undefined || !sameShape(shape, sum.outputs[0]?.type.shape ?? [])) {
      return decline('the factor is not one number', scaled);
    }
    if (scaled.op === 'Div' && scaled.inputs[1] !== factor) return decline('the sum is the divisor', scaled);
    const area = sizeOf(spatial);
    const share = scaled.op === 'Div' ? area / scale : area * scale;
    if (!(Math.abs(share - 1) <= SLACK))
      return decline(`the sum of ${area} elements is scaled to ${share} means`, scaled);
    return (
      reinterpret(to, to.op('GlobalAveragePool', [x]), shape) ??
      decline('the shape has sizes that no constant expresses')
    );
  },
});
