/**
 * Compares names the way people number files: runs of digits by their value, so that `x2` stands before `x10`; everything
 * else by code unit. Numbers of equal value follow the count of their leading zeros. A total order, the same in any locale.
 */
export function compareNaturally(a: string, b: string): number {
  const x = partsOf(a);
  const y = partsOf(b);
  for (let i = 0; i < x.length && i < y.length; i++) {
    const order = compareParts(x[i] ?? '', y[i] ?? '');
    if (order !== 0) return order;
  }
  return x.length - y.length || compareText(a, b);
}

const partsOf = (name: string): string[] => name.match(/\d+|\D+/g) ?? [];

function compareParts(a: string, b: string): number {
  if (!isNumber(a) || !isNumber(b)) return compareText(a, b);
  const x = a.replace(/^0+/, '');
  const y = b.replace(/^0+/, '');
  return x.length - y.length || compareText(x, y);
}

const isNumber = (part: string): boolean => part >= '0' && part < ':';

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
