const VIEW = new DataView(new ArrayBuffer(8));

/**
 * Natural logarithm of a positive normal number to about 1e-15, from exactly rounded operations only: the same on every
 * machine, which `Math.log` need not be.
 */
export function naturalLog(x: number): number {
  VIEW.setFloat64(0, x);
  const high = VIEW.getUint32(0);
  let exponent = (high >>> 20) - 1023;
  VIEW.setUint32(0, (high & 0xfffff) | 0x3ff00000);
  let fraction = VIEW.getFloat64(0);
  if (fraction > Math.SQRT2) {
    fraction /= 2;
    exponent++;
  }
  // ln f = 2·artanh((f - 1)/(f + 1)), whose series converges fast because the argument is below 0.172.
  const t = (fraction - 1) / (fraction + 1);
  const square = t * t;
  let series = 0;
  for (let odd = 21; odd > 0; odd -= 2) series = series * square + 1 / odd;
  return exponent * Math.LN2 + 2 * t * series;
}
