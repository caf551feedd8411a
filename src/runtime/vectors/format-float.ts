/** The shortest decimal that rounds to a float32, in at most 9 digits. */
export function formatFloat32(value: number): string {
  for (let digits = 1; digits < 9; digits++) {
    const text = String(Number(value.toPrecision(digits)));
    if (Math.fround(Number(text)) === value) return Object.is(value, -0) ? '-0' : text;
  }
  return String(Number(value.toPrecision(9)));
}
