/**
 * Numbers uniform in [-1, 1) with 24 random bits each, exact in float32 and the same on every machine (mulberry32).
 * @param seed any 32-bit integer
 */
export function uniformSource(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 8) / 2 ** 23 - 1;
  };
}
