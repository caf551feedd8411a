import type { Graph, Node } from '../../../ir/graph.js';
import type { Dim } from '../../../ir/shape.js';
import { numberData, type Tensor } from '../../../ir/tensor.js';
import { convolutionPattern, layersOf } from '../report/layers.js';
import type { LayerShape } from '../placement/layer.js';

type Sides = readonly [top: number, left: number, bottom: number, right: number];

/** What decides into which other form a convolution can be brought. */
export interface Form {
  readonly shape: LayerShape;
  readonly pads: Sides;
  /** Height and width of the input. */
  readonly map: readonly [Dim, Dim];
  /** Rows and columns at the edges of the kernel whose weights are all 0. */
  readonly zeroTaps: Sides;
}

/** The form of the convolution that a q.Bnorm requantises. */
export function formOf(graph: Graph, bnorm: Node): Form | undefined {
  const layer = layersOf(graph).find((each) => each.bnorm === bnorm);
  const { accumulating } = layer ?? {};
  const weight = accumulating?.inputs[1]?.constant;
  const map = accumulating?.inputs[0]?.type.shape.slice(2);
  if (layer === undefined || accumulating?.op !== 'Conv' || weight === undefined || map?.length !== 2) return undefined;
  const [height = 1, width = 1] = map;
  return {
    shape: layer.shape,
    pads: sides(accumulating.attrs.ints('pads')),
    map: [height, width],
    zeroTaps: zeroTapsOf(weight),
  };
}

const sides = ([top = 0, left = 0, bottom = 0, right = 0]: readonly number[]): Sides => [top, left, bottom, right];

function zeroTapsOf(weight: Tensor): Sides {
  const [, , height = 1, width = 1] = weight.dims;
  const used = { top: height, left: width, bottom: -1, right: -1 };
  for (const [i, w] of (numberData(weight) ?? []).entries()) {
    if (w === 0) continue;
    const [row, column] = [Math.floor(i / width) % height, i % width];
    used.top = Math.min(used.top, row);
    used.bottom = Math.max(used.bottom, row);
    used.left = Math.min(used.left, column);
    used.right = Math.max(used.right, column);
  }
  // Weights that are all 0 keep one tap.
  if (used.bottom < 0) return [0, 0, height - 1, width - 1];
  return [used.top, used.left, height - 1 - used.bottom, width - 1 - used.right];
}

/** The same form with other sizes; the pattern follows from them. */
export function reshaped(form: Form, sizes: Partial<LayerShape>, rest: Partial<Omit<Form, 'shape'>> = {}): Form {
  const shape = { ...form.shape, ...sizes };
  const pattern = shape.pattern === 'PWCONVRES' ? shape.pattern : convolutionPattern(shape);
  return { ...form, ...rest, shape: { ...shape, pattern } };
}

/** Output elements along an axis of the map; undefined where its size is not known. */
export function extentOf({ shape, pads, map }: Form, axis: 0 | 1): number | undefined {
  const size = map[axis];
  if (typeof size !== 'number') return undefined;
  const window = (shape.kernel[axis] - 1) * shape.dilations[axis] + 1;
  const padded = size + pads[axis] + pads[axis === 0 ? 2 : 3];
  return Math.floor((padded - window) / shape.strides[axis]) + 1;
}
