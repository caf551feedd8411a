/** The lines of a tensor along one axis: `outer` × `inner` of them, each of `size` elements `inner` apart. */
export interface Lines {
  readonly outer: number;
  readonly size: number;
  readonly inner: number;
}

export function linesAlong(dims: readonly number[], axis: number): Lines {
  const product = (sizes: readonly number[]): number => sizes.reduce((a, b) => a * b, 1);
  return { outer: product(dims.slice(0, axis)), size: dims[axis]!, inner: product(dims.slice(axis + 1)) };
}
