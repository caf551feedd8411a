/** The value of a number of C: decimal, hexadecimal, octal or floating-point, with its suffix; undefined for none. */
export function parseCNumber(text: string): { readonly value: number; readonly hexadecimal: boolean } | undefined {
  const hexadecimal = /^0[xX]/.test(text);
  if (hexadecimal && !/[.pP]/.test(text)) {
    const digits = text.replace(/[uUlL]+$/, '');
    return /^0[xX][\da-fA-F]+$/.test(digits) ? { value: Number(digits), hexadecimal } : undefined;
  }
  if (hexadecimal) return hexFloat(text);
  const digits = text.replace(/[fFlLuU]+$/, '');
  if (/^0\d+$/.test(digits)) {
    return /^0[0-7]+$/.test(digits) ? { value: Number.parseInt(digits, 8), hexadecimal } : undefined;
  }
  const value = Number(digits);
  return digits === '' || Number.isNaN(value) ? undefined : { value, hexadecimal };
}

/** The value of an integer of C to the last bit; undefined for a number that is written in another way. */
export function parseCInteger(text: string): bigint | undefined {
  const [, sign = '', digits = ''] = /^(-?)(0[xX][\da-fA-F]+|\d+)[uUlL]*$/.exec(text) ?? [];
  if (digits === '') return undefined;
  if (/^0\d*[89]/.test(digits)) return undefined;
  const value = BigInt(/^0[0-7]+$/.test(digits) ? `0o${digits}` : digits);
  return sign === '-' ? -value : value;
}

function hexFloat(text: string): { readonly value: number; readonly hexadecimal: boolean } | undefined {
  const [, whole = '', fraction = '', exponent] =
    /^0[xX]([\da-fA-F]*)\.?([\da-fA-F]*)[pP]([+-]?\d+)[fFlL]?$/.exec(text) ?? [];
  if (exponent === undefined || whole + fraction === '') return undefined;
  const mantissa = Number(`0x${whole}${fraction}`);
  return { value: mantissa * 2 ** (Number(exponent) - 4 * fraction.length), hexadecimal: false };
}
