/** One element of a tensor that is not as expected. */
export interface Difference {
  /** Position in row-major order. */
  readonly index: number;
  /** Position along each axis. */
  readonly position: readonly number[];
  readonly expected: number;
  readonly got: number;
}

/** How a tensor compares with what was expected of it (spec 4.4). */
export interface Comparison {
  readonly elements: number;
  /** Elements that differ by more than the tolerance. */
  readonly differing: number;
  /** The first of those; undefined when there is none. */
  readonly first: Difference | undefined;
  /** The one that differs most; NaN against a number differs without end. */
  readonly largest: Difference | undefined;
}

/** |expected - got|; NaN equals NaN, and infinities of one sign are equal. */
export function distance(expected: number, got: number): number {
  if (expected === got || (Number.isNaN(expected) && Number.isNaN(got))) return 0;
  const difference = Math.abs(expected - got);
  return Number.isNaN(difference) ? Infinity : difference;
}

/**
 * Compares element by element. `dims` are those of what was computed.
 * @throws RangeError when there are not as many elements on both sides
 */
export function compareElements(
  expected: ArrayLike<number>,
  got: ArrayLike<number>,
  dims: readonly number[],
  tolerance = 0,
): Comparison {
  if (expected.length !== got.length) throw new RangeError(`${expected.length} elements against ${got.length}`);
  let differing = 0;
  let first = -1;
  let largest = -1;
  let most = tolerance;
  for (let i = 0; i < got.length; i++) {
    const by = distance(expected[i]!, got[i]!);
    if (by <= tolerance) continue;
    if (differing++ === 0) first = i;
    if (by > most) [most, largest] = [by, i];
  }
  const describe = (index: number): Difference | undefined =>
    index < 0 ? undefined : { index, position: positionOf(index, dims), expected: expected[index]!, got: got[index]! };
  return { elements: got.length, differing, first: describe(first), largest: describe(largest) };
}

/** A row-major index as a position along each axis. */
export function positionOf(index: number, dims: readonly number[]): number[] {
  const position: number[] = [];
  let rest = index;
  for (const dim of dims.toReversed()) {
    position.unshift(rest % dim);
    rest = Math.floor(rest / dim);
  }
  return position;
}
