import type { Shape } from '../../ir/shape.js';

const UNITS: readonly (readonly [size: number, unit: string])[] = [
  [1e9, 'G'],
  [1e6, 'M'],
  [1e3, 'k'],
];

/** `20480`, `147.7k`, `1.3M`: exact up to five digits. */
export function compact(count: number): string {
  const unit = count < 100_000 ? undefined : UNITS.find(([size]) => count >= size);
  return unit === undefined ? String(Math.round(count)) : `${(count / unit[0]).toFixed(1)}${unit[1]}`;
}

/** `2048 bytes`, `13.2 KB`; a KB has 1024 bytes, as in the data sheets of the targets. */
export function formatBytes(bytes: number): string {
  if (bytes < 10_000) return `${bytes} ${bytes === 1 ? 'byte' : 'bytes'}`;
  if (bytes < 10_000 * 1024) return `${(bytes / 1024).toFixed(1)} KB`;
  return `${(bytes / 1024 ** 2).toFixed(1)} MB`;
}

/** A share of 1 in per cent; only what is all of it is called 100 %. */
export function formatShare(share: number): string {
  if (share === 0 || share === 1) return `${share * 100} %`;
  return `${Math.min(99.9, Math.max(0.1, share * 100)).toFixed(1)} %`;
}

export const formatDecibels = (db: number | null): string => (db === null ? '–' : db.toFixed(1));

/** `0.84 s`, `12.3 s`, `4 min 10 s`. */
export function formatSeconds(seconds: number): string {
  if (seconds < 9.995) return `${seconds.toFixed(2)} s`;
  if (seconds < 59.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)} min ${whole % 60} s`;
}

/** Four significant digits. */
export const formatReal = (value: number): string => String(Number(value.toPrecision(4)));

/** Smallest and largest of some integers: `5`, `6–8`; `–` for none. */
export function formatRange(values: readonly number[]): string {
  if (values.length === 0) return '–';
  let [least, most] = [Infinity, -Infinity];
  for (const value of values) {
    least = Math.min(least, value);
    most = Math.max(most, value);
  }
  return least === most ? String(least) : `${least}–${most}`;
}

/** `float32[N,3,64]`. */
export const formatType = (dtype: string, shape: Shape): string => `${dtype}[${shape.join(',')}]`;

/** `1 layer`, `3 layers`. */
export const quantity = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;
