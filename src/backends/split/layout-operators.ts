/** Operators that only rearrange elements, each of which keeps its place in memory or finds another (spec 1.5, T16). */
export const LAYOUT_OPERATORS: ReadonlySet<string> = new Set([
  'Flatten',
  'Reshape',
  'Transpose',
  'Squeeze',
  'Unsqueeze',
]);
