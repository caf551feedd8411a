import { isConstant, type Node, type Value } from '../../ir/graph.js';
import { windowAttributes } from '../../ir/ops/window.js';
import { RESHAPING } from '../layout/reinterpret.js';
import { AFFINE, hasShift, readAffine } from '../linear/affine.js';
import { alongAxis } from '../linear/channels.js';
import { isDecline } from '../linear/fold.js';
import { LAYERS, readLayer, rebuildLayer, scaleInputs, type LinearLayer } from '../linear/layer.js';
import { any, either, maybe, op, type Pattern } from '../pattern.js';
import { decline, rule, type Rule } from '../rule.js';

export interface FoldAffineOptions {
  /** Leave an affine function of a graph input alone, so that it can become part of how the input is quantised. */
  readonly keepAtInput: boolean;
}

const affineOrView: Pattern<{ readonly step: Node; readonly view?: Node }> = either(
  op(RESHAPING, [op(AFFINE, undefined, { as: 'step', soleUse: true }), maybe(any('shape'))], {
    as: 'view',
    soleUse: true,
  }),
  op(AFFINE, undefined, { as: 'step', soleUse: true }),
);

/**
 * layer(affine(x)) → layer(x) for Conv, ConvTranspose, Gemm and MatMul, also with a Reshape or the like between them;
 * affine is BatchNormalization or arithmetic with a constant. Where the layer pads, the padding is not affine's image
 * of anything, so that it may only scale. Constants are folded in float64 and rounded once.
 */
export const foldAffineIntoNext = ({ keepAtInput }: FoldAffineOptions): Rule =>
  rule({
    name: 'fold-affine-into-next',
    match: op(LAYERS, [affineOrView, any('weight'), maybe(any('bias'))], { as: 'node' }),
    rewrite: ({ node, step, view }, to) => {
      const affine = readAffine(step);
      if (isDecline(affine)) return affine;
      const layer = readLayer(node);
      if (isDecline(layer)) return layer;
      if (keepAtInput && comesFromInput(affine.data)) return decline('it belongs to the graph input', step);
      if (hasShift(affine) && !seesAllWeights(layer)) return decline('the layer pads, which a shift would reach', step);
      const channels = alongAxis(affine, affine.data.type.shape, layer.x.type.shape, layer.axis);
      if (channels === undefined) return decline('the elements of one input channel are not all treated alike', step);
      const folded = scaleInputs(layer, channels);
      if (isDecline(folded)) return folded;
      const x = view === undefined ? affine.data : to.op(view.op, [affine.data, ...view.inputs.slice(1)], view.attrs);
      return rebuildLayer(to, layer, x, folded);
    },
  });

/** Whether each result of the layer is a sum over all weights of its channel. */
function seesAllWeights({ node, weight }: LinearLayer): boolean {
  if (node.op === 'Gemm' || node.op === 'MatMul') return true;
  const kernel = weight.constant.dims.slice(2);
  const { strides, padsBegin, padsEnd, autoPad } = windowAttributes(node, kernel.length);
  const unpadded = !autoPad.startsWith('SAME') && [...padsBegin, ...padsEnd].every((pad) => pad === 0);
  if (node.op === 'Conv') return unpadded;
  const pointwise = [...kernel, ...strides].every((size) => size === 1) && !node.attrs.has('output_shape');
  return unpadded && pointwise && node.attrs.ints('output_padding', []).every((size) => size === 0);
}

/** Operators that hand on a graph input as it is, but for affine arithmetic. */
const PASSING: readonly string[] = [...RESHAPING, 'Transpose', ...AFFINE];

function comesFromInput(value: Value): boolean {
  let current = value;
  while (current.producer !== undefined && PASSING.includes(current.producer.op)) {
    const next = current.producer.inputs.find((input) => input !== undefined && !isConstant(input));
    if (next === undefined) return false;
    current = next;
  }
  return current.producer === undefined && !isConstant(current);
}
