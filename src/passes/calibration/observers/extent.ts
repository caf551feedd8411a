import { NonFiniteError, type Range } from './observer.js';

/**
 * Smallest and largest element; undefined when there is none. -0 counts as 0.
 * @throws NonFiniteError at the first NaN or infinity.
 */
export function extentOf(data: Float32Array): Range | undefined {
  const first = data[0];
  if (first === undefined) return undefined;
  let min = first;
  let max = first;
  let i = 0;
  // A group within the bounds, which is nearly every one, costs predictable comparisons only; NaN is never within.
  for (const end = data.length - 3; i < end; i += 4) {
    const a = data[i] ?? 0;
    const b = data[i + 1] ?? 0;
    const c = data[i + 2] ?? 0;
    const d = data[i + 3] ?? 0;
    if (a >= min && a <= max && b >= min && b <= max && c >= min && c <= max && d >= min && d <= max) continue;
    min = Math.min(min, a, b, c, d);
    max = Math.max(max, a, b, c, d);
  }
  for (; i < data.length; i++) {
    min = Math.min(min, data[i] ?? 0);
    max = Math.max(max, data[i] ?? 0);
  }
  if (!Number.isFinite(min) || !Number.isFinite(max)) {
    const index = data.findIndex((value) => !Number.isFinite(value));
    throw new NonFiniteError(index, data[index] ?? NaN);
  }
  return { min: min + 0, max: max + 0 };
}
