import type { Range } from './observer.js';

/** The part of a range within ±threshold. */
export const clip = ({ min, max }: Range, threshold: number): Range => ({
  min: Math.min(Math.max(min, -threshold), threshold),
  max: Math.max(Math.min(max, threshold), -threshold),
});
