/** Operators that are no layer of a report: they give elements another shape or order, or another name. */
export const MOVING: ReadonlySet<string> = new Set(['Flatten', 'Reshape', 'Transpose', 'Squeeze', 'Unsqueeze', 'Cast']);
