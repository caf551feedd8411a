import { weightsOf } from '../../weights/weights-of.js';
import { axisOf, type LayerConstants, type LayerInput } from './quantise-layer.js';

/** Constants of the right sizes for a layer whose integers are not known: zeros of scale 1. */
export function blankLayer({ layer }: Pick<LayerInput, 'layer'>): LayerConstants {
  const axis = axisOf(layer);
  const { weights, channels } = weightsOf(layer);
  const places = layer.inputs[1]?.constant?.dims[axis] ?? channels;
  return {
    axis,
    weights: new Int8Array(weights.length),
    weightScale: new Float32Array(places).fill(1),
    bias: new Int32Array(channels),
    biasScale: new Float32Array(channels).fill(1),
  };
}
