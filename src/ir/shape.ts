/** Shapes with symbolic dimensions. */

/** A known size, or the name of an unknown one. Equal names mean equal sizes. */
export type Dim = number | string;
/** Sizes along the axes, outermost first; no axes for a scalar. */
export type Shape = readonly Dim[];

/** Product of the sizes; 1 for a scalar. */
export const sizeOf = (dims: readonly number[]): number => dims.reduce((product, dim) => product * dim, 1);

export const isStatic = (shape: Shape): shape is readonly number[] => shape.every((dim) => typeof dim === 'number');

export const sameShape = (a: Shape, b: Shape): boolean => a.length === b.length && a.every((dim, i) => dim === b[i]);

/** `[2, "N", 3]` as `2xNx3`; a scalar is `scalar`. */
export const formatShape = (shape: Shape): string => (shape.length === 0 ? 'scalar' : shape.join('x'));

/** Row-major strides in elements. */
export function stridesOf(dims: readonly number[]): number[] {
  const strides = new Array<number>(dims.length);
  let stride = 1;
  for (let i = dims.length - 1; i >= 0; i--) {
    strides[i] = stride;
    stride *= dims[i] ?? 1;
  }
  return strides;
}

/** An axis in -rank … rank - 1 as 0 … rank - 1; undefined outside. */
export function normaliseAxis(axis: number, rank: number): number | undefined {
  if (!Number.isInteger(axis) || axis < -rank || axis >= rank) return undefined;
  return axis < 0 ? axis + rank : axis;
}

/**
 * Multidirectional broadcasting of the ONNX operator specification.
 * A symbol against a known size other than 1 takes that size (no other value is legal); two different symbols
 * give the symbol `a|b`. Undefined when two known sizes disagree.
 */
export function broadcastShapes(...shapes: readonly Shape[]): Dim[] | undefined {
  const rank = Math.max(0, ...shapes.map((shape) => shape.length));
  const result: Dim[] = [];
  for (let axis = 0; axis < rank; axis++) {
    let dim: Dim = 1;
    for (const shape of shapes) {
      const other = shape[axis - rank + shape.length] ?? 1;
      if (other === 1 || other === dim) continue;
      if (dim === 1) dim = other;
      else if (typeof dim === 'string') dim = typeof other === 'string' ? `${dim}|${other}` : other;
      else if (typeof other === 'number') return undefined;
    }
    result.push(dim);
  }
  return result;
}
