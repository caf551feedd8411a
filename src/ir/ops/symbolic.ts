import type { Dim, Shape } from '../shape.js';

/** A product of a known factor and of symbols raised to positive powers. */
interface Product {
  readonly factor: number;
  readonly powers: ReadonlyMap<string, number>;
}

/** The number of elements of a shape with symbols. */
function productOf(shape: Shape): Product {
  let factor = 1;
  const powers = new Map<string, number>();
  for (const dim of shape) {
    if (typeof dim === 'number') factor *= dim;
    else powers.set(dim, (powers.get(dim) ?? 0) + 1);
  }
  return { factor, powers };
}

function toDim({ factor, powers }: Product): Dim | undefined {
  if (factor === 0) return 0;
  if (powers.size === 0) return factor;
  if (factor !== 1 || powers.size > 1) return undefined;
  for (const [symbol, power] of powers) if (power === 1) return symbol;
  return undefined;
}

/** The product of sizes as one size; undefined when it is neither a number nor a single symbol. */
export const productDim = (shape: Shape): Dim | undefined => toDim(productOf(shape));

/** The sum of sizes; undefined when a symbol meets anything but zeros. */
export function sumDims(dims: Shape): Dim | undefined {
  let known = 0;
  let symbol: string | undefined;
  for (const dim of dims) {
    if (typeof dim === 'number') known += dim;
    else if (symbol === undefined) symbol = dim;
    else return undefined;
  }
  if (symbol === undefined) return known;
  return known === 0 ? symbol : undefined;
}

/** How the element counts of two shapes relate. Symbols stand for sizes above zero. */
export type Quotient =
  | { readonly kind: 'exact'; readonly dim: Dim }
  /** The sizes decide when the graph runs. */
  | { readonly kind: 'unknown' }
  /** No sizes make the division come out even. */
  | { readonly kind: 'none' };

/** Elements of `numerator` by elements of `denominator`; equal symbols cancel. */
export function divideShapes(numerator: Shape, denominator: Shape): Quotient {
  const above = productOf(numerator);
  const below = productOf(denominator);
  const powers = new Map(above.powers);
  let symbolsBelow = false;
  for (const [symbol, power] of below.powers) {
    const rest = (powers.get(symbol) ?? 0) - power;
    if (rest > 0) powers.set(symbol, rest);
    else powers.delete(symbol);
    if (rest < 0) symbolsBelow = true;
  }
  if (below.factor === 0) return { kind: 'none' };
  if (above.factor === 0) return { kind: 'exact', dim: 0 };
  if (symbolsBelow) return { kind: 'unknown' };
  const factor = above.factor / below.factor;
  if (powers.size === 0 && !Number.isInteger(factor)) return { kind: 'none' };
  const dim = toDim({ factor, powers });
  return dim === undefined ? { kind: 'unknown' } : { kind: 'exact', dim };
}

/** The size that two equal sizes stand for: the known one, else the first symbol; undefined when they differ. */
export function unifyDims(a: Dim, b: Dim): Dim | undefined {
  if (typeof a === 'number') return typeof b === 'number' && b !== a ? undefined : a;
  return typeof b === 'number' ? b : a;
}
