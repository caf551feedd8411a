/**
 * A quadratic form as a sum of squares, one for each variable in an order of its own:
 * eᵀ H e = Σ_t weight[t] · (e[order[t]] + Σ_{u<t} row(t)[u] · e[order[u]])².
 */
export interface SquareSum {
  readonly order: Int32Array;
  readonly weight: Float64Array;
  /** Row t holds its coefficients at t · (t - 1) / 2. */
  readonly rows: Float64Array;
  /** The same by columns: that of u holds its coefficients in the rows behind u, one column after the other. */
  readonly columns: Float64Array;
}

export const rowStart = (t: number): number => (t * (t - 1)) / 2;

/** What a pivot is not to fall below, as a part of the diagonal element it was. */
const LEAST_PIVOT = 1e-9;

/**
 * The sum of squares of a positive definite matrix, variables by falling diagonal and index (a Cholesky decomposition from
 * the last variable on). The first variables are those that are rounded first, so later ones can make up for their error.
 */
export function completeSquares(matrix: Float64Array, diagonal: Float64Array): SquareSum {
  const taps = diagonal.length;
  const order = Int32Array.from(diagonal.keys()).sort((a, b) => (diagonal[b] ?? 0) - (diagonal[a] ?? 0) || a - b);
  const weight = Float64Array.from(order, (i) => diagonal[i] ?? 0);
  const floor = weight.map((h) => h * LEAST_PIVOT);
  const rows = new Float64Array(rowStart(taps));
  for (let t = 0; t < taps; t++) {
    for (let u = 0; u < t; u++) rows[rowStart(t) + u] = matrix[(order[t] ?? 0) * taps + (order[u] ?? 0)] ?? 0;
  }
  for (let t = taps - 1; t >= 0; t--) {
    const pivot = Math.max(weight[t] ?? 0, floor[t] ?? 0);
    weight[t] = pivot;
    const row = rows.subarray(rowStart(t), rowStart(t) + t);
    for (let u = 0; u < t; u++) {
      const factor = (row[u] ?? 0) / pivot;
      if (factor !== 0) {
        weight[u] = (weight[u] ?? 0) - factor * (row[u] ?? 0);
        const at = rowStart(u);
        for (let v = 0; v < u; v++) rows[at + v] = (rows[at + v] ?? 0) - factor * (row[v] ?? 0);
      }
    }
    for (let u = 0; u < t; u++) row[u] = (row[u] ?? 0) / pivot;
  }
  return { order, weight, rows, columns: columnsOf(rows, taps) };
}

function columnsOf(rows: Float64Array, taps: number): Float64Array {
  const columns = new Float64Array(rows.length);
  for (let u = 0, at = 0; u < taps; u++) {
    for (let t = u + 1; t < taps; t++, at++) columns[at] = rows[rowStart(t) + u] ?? 0;
  }
  return columns;
}

/** x with H x = b. */
export function solveSquares({ order, weight, rows }: SquareSum, b: Float64Array): Float64Array {
  const taps = order.length;
  const y = Float64Array.from(order, (i) => b[i] ?? 0);
  // H = Lᵀ D L with L unit lower triangular in this order.
  for (let t = taps - 1; t >= 0; t--) {
    for (let u = 0, at = rowStart(t); u < t; u++, at++) y[u] = (y[u] ?? 0) - (rows[at] ?? 0) * (y[t] ?? 0);
  }
  for (let t = 0; t < taps; t++) {
    let value = (y[t] ?? 0) / (weight[t] ?? 1);
    for (let u = 0, at = rowStart(t); u < t; u++, at++) value -= (rows[at] ?? 0) * (y[u] ?? 0);
    y[t] = value;
  }
  const x = new Float64Array(taps);
  for (let t = 0; t < taps; t++) x[order[t] ?? 0] = y[t] ?? 0;
  return x;
}
