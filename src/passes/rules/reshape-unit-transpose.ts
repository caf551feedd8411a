import { isIdentity, keepsOrder, mapToResult } from '../layout/axis-map.js';
import { reinterpret } from '../layout/reinterpret.js';
import { having } from '../having.js';
import { any, op } from '../pattern.js';
import { decline, rule, type Rule } from '../rule.js';

/** Transpose(x) that moves only axes of size 1 → Reshape(x), Squeeze(x), … of the same elements. */
export const reshapeUnitTranspose: Rule = rule({
  name: 'reshape-unit-transpose',
  match: having(op('Transpose', [any('x')], { as: 'transpose' }), (node) => {
    const map = mapToResult(node);
    if (map === undefined || isIdentity(map)) return 'the axes stay where they are';
    return keepsOrder(node.inputs[0]?.type.shape ?? [], map) ? undefined : 'axes larger than 1 change places';
  }),
  rewrite: ({ x, transpose }, to) => {
    const shape = transpose.outputs[0]?.type.shape ?? [];
    return reinterpret(to, x, shape) ?? decline('the shape has sizes that no constant expresses');
  },
});
