/**
 * Rounding of exact real numbers to integers, halves to even. A float64 estimate decides unless it lies so near a half
 * that its own rounding might matter; then the exact difference from that half does.
 */

/** Relative error of an estimate made of few operations, with room to spare. */
const SLACK = 2 ** -49;

/** Beyond this every result saturates: no affine tensor has more than 16 bits. */
const SATURATED = 2 ** 24;

/** 2^27 + 1, which splits a float64 into two halves of at most 26 bits. */
const SPLITTER = 2 ** 27 + 1;

/** a · b as product + error, exact (Dekker). */
function twoProduct(a: number, b: number): readonly [product: number, error: number] {
  const product = a * b;
  const aScaled = SPLITTER * a;
  const bScaled = SPLITTER * b;
  const aHigh = aScaled - (aScaled - a);
  const bHigh = bScaled - (bScaled - b);
  const aLow = a - aHigh;
  const bLow = b - bHigh;
  return [product, aLow * bLow - (product - aHigh * bHigh - aLow * bHigh - aHigh * bLow)];
}

/** The sign of an exact sum of float64 numbers, by expansions whose parts do not overlap (Shewchuk). */
function signOfSum(terms: readonly number[]): number {
  const parts: number[] = [];
  for (const term of terms) {
    let carried = term;
    for (let i = 0; i < parts.length; i++) {
      const part = parts[i]!;
      const sum = carried + part;
      const shadow = sum - carried;
      parts[i] = carried - (sum - shadow) + (part - shadow);
      carried = sum;
    }
    parts.push(carried);
  }
  return Math.sign(parts.findLast((part) => part !== 0) ?? 0);
}

/**
 * The nearest integer to a number of magnitude `estimate` (not negative), known to `slack`.
 * @param beyond sign of the exact number less the given half
 */
function roundNear(estimate: number, slack: number, beyond: (half: number) => number): number {
  if (!(estimate < SATURATED)) return estimate;
  const below = Math.floor(estimate);
  const distance = estimate - below - 0.5;
  if (distance > slack) return below + 1;
  if (distance < -slack) return below;
  const side = beyond(below + 0.5);
  return side > 0 || (side === 0 && below % 2 === 1) ? below + 1 : below;
}

/**
 * roundHalfEven(integer · multiplier / divisor) of the exact real number; |integer| < 2^53, divisor a positive integer
 * below 2^28. From 2^24 on the result is only as near as a float64 is.
 */
export function roundScaled(integer: number, multiplier: number, divisor = 1): number {
  const value = (integer * multiplier) / divisor;
  const estimate = Math.abs(value);
  const rounded = roundNear(estimate, estimate * SLACK, (half) =>
    signOfSum([...twoProduct(Math.abs(integer), Math.abs(multiplier)), -half * divisor]),
  );
  return value < 0 ? -rounded : rounded;
}

/** roundHalfEven(a · aMultiplier + b · bMultiplier) of the exact real number, as `roundScaled` does. */
export function roundSum(a: number, aMultiplier: number, b: number, bMultiplier: number): number {
  const left = a * aMultiplier;
  const right = b * bMultiplier;
  const value = left + right;
  const sign = value < 0 ? -1 : 1;
  const rounded = roundNear(sign * value, (Math.abs(left) + Math.abs(right)) * SLACK, (half) =>
    signOfSum([...twoProduct(sign * a, aMultiplier), ...twoProduct(sign * b, bMultiplier), -half]),
  );
  return sign * rounded;
}
