import { isStatic, sizeOf, type Dim, type Shape } from '../../ir/shape.js';

/** How an array provides rows of a model input. */
export interface ShapeFit {
  /** Rows along the batch axis of the input. */
  readonly rows: number;
  /** Dims of one row: those of the input behind its batch axis. */
  readonly row: readonly number[];
  /** How many rows one row of the array holds; undefined when the whole array is one. */
  readonly rowsPerArrayRow: number | undefined;
}

/**
 * How the elements of an array, in the order they have, are rows of an input with the batch on axis 0. Undefined when
 * they are not. Besides `[n, …row]` itself these are accepted: one row without its batch axis; axes of size 1 left out or
 * added; rows flattened to one axis, when their size is known; and, for an input of fixed batch B, `[n, B, …row]`.
 * The number of elements decides between them, so no array fits in two ways.
 */
export function fitShape(dims: readonly number[], input: Shape): ShapeFit | undefined {
  const [batch, ...row] = input;
  const [count, ...rest] = dims;
  const many = (fitted: readonly number[] | undefined, size: number): ShapeFit | undefined =>
    fitted && count !== undefined ? { rows: count * size, row: fitted, rowsPerArrayRow: size } : undefined;
  const one = (fitted: readonly number[] | undefined): ShapeFit | undefined =>
    fitted && { rows: 1, row: fitted, rowsPerArrayRow: undefined };
  return (
    many(matches(rest, row), 1) ??
    one(matches(dims, row)) ??
    many(loosely(rest, row), 1) ??
    (typeof batch === 'number' && rest[0] === batch ? many(loosely(rest.slice(1), row), batch) : undefined) ??
    one(loosely(dims, row))
  );
}

/**
 * The order of axes that turns an array into rows of the input, as numpy.transpose takes it; undefined when there is none
 * or it is the order they have. Axis 0 stays; channels that stand last go first if that suffices.
 */
export function fittingOrder(dims: readonly number[], input: Shape): readonly number[] | undefined {
  const row = input.slice(1);
  const first = dims.length - row.length;
  if (first < 0 || first > 1 || row.length < 2 || row.length > 5) return undefined;
  const axes = row.map((_, i) => i + first);
  for (const order of permutations(axes)) {
    const fits = matches(
      order.map((axis) => dims[axis] ?? 0),
      row,
    );
    if (fits !== undefined) return first === 1 ? [0, ...order] : order;
  }
  return undefined;
}

/** `dims` when they are equal to the shape, symbols standing for any size but the same symbol for the same size. */
function matches(dims: readonly number[], shape: Shape): readonly number[] | undefined {
  if (dims.length !== shape.length) return undefined;
  const sizes = new Map<string, number>();
  const equal = shape.every((dim, i) => {
    const size = dims[i] ?? 0;
    if (typeof dim === 'number') return dim === size;
    const known = sizes.get(dim) ?? size;
    sizes.set(dim, known);
    return known === size;
  });
  return equal ? dims : undefined;
}

/** The dims of the row that `dims` are but for axes of size 1, or that they are flattened. */
function loosely(dims: readonly number[], row: Shape): readonly number[] | undefined {
  const notUnit = (dim: Dim): boolean => dim !== 1;
  const sizes = matches(dims.filter(notUnit), row.filter(notUnit));
  if (sizes !== undefined) {
    const next = sizes.values();
    return row.map((dim) => (notUnit(dim) ? (next.next().value ?? 1) : 1));
  }
  return isStatic(row) && dims.length === 1 && dims[0] === sizeOf(row) ? row : undefined;
}

/** All orders of the items but the given one, beginning with the last item first and the first item last. */
function* permutations(items: readonly number[]): Generator<readonly number[]> {
  yield [...items.slice(-1), ...items.slice(0, -1)];
  yield [...items.slice(1), ...items.slice(0, 1)];
  yield* arrange([], items);
}

function* arrange(head: readonly number[], tail: readonly number[]): Generator<readonly number[]> {
  if (tail.length === 0) yield head;
  for (const item of tail) {
    yield* arrange(
      [...head, item],
      tail.filter((other) => other !== item),
    );
  }
}
