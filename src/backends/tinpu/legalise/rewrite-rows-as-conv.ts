import { Attributes } from '../../../ir/attributes.js';
import type { Value } from '../../../ir/graph.js';
import { Tensor } from '../../../ir/tensor.js';
import { any, constant, op } from '../../../passes/pattern.js';
import { decline, rule, type Builder, type Rule } from '../../../passes/rule.js';
import { layersOf } from '../report/layers.js';
import type { RuleSet } from '../placement/rules.js';
import { rearranged } from './build.js';
import { planFor } from './plan.js';
import { requantised } from './requantised.js';

/**
 * q.MatMul of several rows a sample → 1×1 q.Conv over a map of one column with the rows along its height, which the NPU
 * takes where a product of rows is none of its patterns (spec 2.1). Where channels come last in memory, as on the NPU, the
 * Transposes move nothing.
 */
export const rewriteRowsAsConv = (rules: RuleSet): Rule =>
  rule({
    name: 'rewrite-rows-as-conv',
    match: requantised(op('q.MatMul', [any('x'), constant('weight')], { as: 'product', soleUse: true })),
    rewrite: ({ x, weight, bias, scale, shift, product, bnorm }, to) => {
      const shape = layersOf(to.graph).find((layer) => layer.bnorm === bnorm)?.shape;
      const rows = shape?.rows ?? 1;
      if (shape === undefined || rows === 1) return decline('a single row a sample', bnorm);
      const plan = planFor(
        {
          shape: { ...shape, pattern: 'PWCONV', rows: 1 },
          pads: [0, 0, 0, 0],
          map: [rows, 1],
          zeroTaps: [0, 0, 0, 0],
        },
        rules,
      );
      if (plan === undefined) return decline('as a pointwise convolution it would not meet the rules either', bnorm);
      const [features = 0, columns = 0] = weight.constant.dims;
      const filters = rearranged(weight.constant, [columns, features, 1, 1], ([m = 0, k = 0]) => k * columns + m);
      const split = reshape(to, x, [-1, rows, 1, features], 'rows');
      const map = transpose(to, split, [0, 3, 1, 2], 'rows_as_map');
      const attrs = Attributes.of({ strides: [1, 1], pads: [0, 0, 0, 0], dilations: [1, 1], group: 1 });
      const sum = to.op('q.Conv', [map, to.constant(filters, weight.name)], attrs, { standsFor: product });
      const quantisation = bnorm.outputs[0]?.type.quantisation;
      const result = to.op('q.Bnorm', [sum, bias, scale, shift], bnorm.attrs, { quantisation, part: 'map' });
      return reshape(to, transpose(to, result, [0, 2, 3, 1], 'map_as_rows'), [-1, columns]);
    },
  });

function reshape(to: Builder, value: Value, dims: readonly number[], part?: string): Value {
  const { quantisation } = value.type;
  const result = part === undefined ? { quantisation, bare: true } : { quantisation, bare: true, part };
  return to.op('Reshape', [value, to.constant(Tensor.int64([...dims]))], {}, result);
}

const transpose = (to: Builder, value: Value, perm: readonly number[], part: string): Value =>
  to.op('Transpose', [value], { perm }, { quantisation: value.type.quantisation, bare: true, part });
