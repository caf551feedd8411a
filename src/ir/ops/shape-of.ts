import { boundedContents } from './facts.js';
import { operator, required, type Operator } from './operator.js';
import { productDim } from './symbolic.js';

/** Bounds of Shape as 0 … rank: negative ones count from the end, those outside are clamped. */
export function shapeRange(rank: number, start: number, end: number): { readonly from: number; readonly to: number } {
  const clamp = (bound: number): number => Math.min(Math.max(bound < 0 ? bound + rank : bound, 0), rank);
  const from = clamp(start);
  return { from, to: Math.max(from, clamp(end)) };
}

/** Shape: the sizes of the input from axis `start` to before axis `end`. */
export const shapeOf: Operator = operator({
  name: 'Shape',
  since: 15,
  inputs: [1, 1],
  attributes: { start: { kind: 'int' }, end: { kind: 'int' } },
  infer(call) {
    const { shape } = required(call, 0).type;
    const { from, to } = shapeRange(shape.length, call.attrs.int('start', 0), call.attrs.int('end', shape.length));
    const contents = shape.slice(from, to);
    return [{ type: { dtype: 'int64', shape: [contents.length] }, contents: boundedContents(contents) }];
  },
});

/** Size: the number of elements of the input. */
export const size: Operator = operator({
  name: 'Size',
  since: 1,
  inputs: [1, 1],
  infer(call) {
    const count = productDim(required(call, 0).type.shape);
    return [{ type: { dtype: 'int64', shape: [] }, contents: count === undefined ? undefined : [count] }];
  },
});
