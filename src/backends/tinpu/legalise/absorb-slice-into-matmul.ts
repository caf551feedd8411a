import { isStatic, sizeOf } from '../../../ir/shape.js';
import type { Value } from '../../../ir/graph.js';
import { any, constant, op } from '../../../passes/pattern.js';
import { decline, rule, type Rule } from '../../../passes/rule.js';
import { rearranged, widerSource } from './build.js';

/** Layouts that keep the elements of a sample in order. */
const IN_ORDER: ReadonlySet<string> = new Set(['Flatten', 'Reshape', 'Squeeze']);

/**
 * q.MatMul(Flatten(Slice(x))) → q.MatMul(Flatten(x)) with zero weights for the elements that the Slice leaves out, which
 * saves the copy.
 */
export const absorbSliceIntoMatmul: Rule = rule({
  name: 'absorb-slice-into-matmul',
  match: op('q.MatMul', [any('features'), constant('weight')], { as: 'product' }),
  rewrite: ({ features, weight, product }, to) => {
    const { producer } = features;
    const layout = producer?.domain === '' && IN_ORDER.has(producer.op) ? producer : undefined;
    const part: Value = layout?.inputs[0] ?? features;
    const wide = widerSource(part);
    if (wide === undefined) return decline('the features are no first channels of a wider tensor', product);
    const [narrowShape, wideShape] = [part.type.shape.slice(1), wide.type.shape.slice(1)];
    const [depth = 0, columns = 0] = weight.constant.dims;
    if (!isStatic(narrowShape) || !isStatic(wideShape) || sizeOf(narrowShape) !== depth) {
      return decline('the features of a sample are spread over rows', product);
    }
    // Only axis 1 differs, so the elements kept are the first ones of a sample.
    const weights = rearranged(weight.constant, [sizeOf(wideShape), columns], ([k = 0, m = 0]) =>
      k < depth ? k * columns + m : undefined,
    );
    const { quantisation } = wide.type;
    const flat =
      layout === undefined
        ? wide
        : to.op('Flatten', [wide], { axis: 1 }, { quantisation, part: 'widened', standsFor: layout });
    return to.op('q.MatMul', [flat, to.constant(weights, weight.name)], {});
  },
});
