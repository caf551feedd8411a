import type { Node, Value } from '../../ir/graph.js';
import { RESHAPING } from '../layout/reinterpret.js';
import { any, either, maybe, op, type Pattern } from '../pattern.js';
import { decline, type Builder, type Decline } from '../rule.js';
import { readAffine } from './affine.js';
import { alongAxis } from './channels.js';
import { isDecline } from './fold.js';
import { LAYERS, readLayer, rebuildLayer, scaleOutputs } from './layer.js';

/** A layer that nothing else reads, maybe read under another shape. */
export const layerOrView: Pattern<{ readonly layer: Node; readonly view?: Node }> = either(
  op(RESHAPING, [op(LAYERS, undefined, { as: 'layer', soleUse: true }), maybe(any('shape'))], {
    as: 'view',
    soleUse: true,
  }),
  op(LAYERS, undefined, { as: 'layer', soleUse: true }),
);

/** Folds the affine function that `step` is into the layer that it reads, through the view between them. */
export function foldIntoLayer(step: Node, layerNode: Node, view: Node | undefined, to: Builder): Value | Decline {
  const affine = readAffine(step);
  if (isDecline(affine)) return affine;
  const layer = readLayer(layerNode);
  if (isDecline(layer)) return layer;
  const [result] = layerNode.outputs;
  if (result === undefined) return decline('the layer has no result', layerNode);
  const channels = alongAxis(affine, affine.data.type.shape, result.type.shape, layer.axis);
  if (channels === undefined) return decline('the elements of one output channel are not all treated alike', step);
  const folded = scaleOutputs(layer, channels);
  if (isDecline(folded)) return folded;
  const rebuilt = rebuildLayer(to, layer, layer.x, folded);
  return view === undefined ? rebuilt : to.op(view.op, [rebuilt, ...view.inputs.slice(1)], view.attrs);
}
