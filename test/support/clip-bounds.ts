import fc from 'fast-check';

/** An element type of activations. */
export const activation: fc.Arbitrary<'int8' | 'uint8' | 'int16'> = fc.constantFrom('int8', 'uint8', 'int16' as const);

/** Bounds of a clip: any of 16 bits, or 256 neighbours. */
export const bounds: fc.Arbitrary<{ lo: number; hi: number }> = fc
  .tuple(fc.integer({ min: -32768, max: 32767 }), fc.integer({ min: -300, max: 600 }), fc.boolean())
  .map(([wide, narrow, both]) => (both ? [wide, narrow] : [narrow, narrow + 255]))
  .map(([a = 0, b = 0]) => ({ lo: Math.min(a, b), hi: Math.max(a, b) }));

/** A number brought between bounds, in big integers. */
export const clipped = (value: bigint, { lo, hi }: { lo: number; hi: number }): number =>
  Number(value < BigInt(lo) ? BigInt(lo) : value > BigInt(hi) ? BigInt(hi) : value);
