import { formatShape, type Dim, type Shape } from '../shape.js';
import { formatType } from './elementwise-inference.js';
import { checkedAxis } from './facts.js';
import { OperatorFault, required, type InferenceCall } from './operator.js';

/** Whether two shapes can describe one tensor: equal ranks and no two known sizes that differ. */
const mayAgree = (a: Shape, b: Shape): boolean =>
  a.length === b.length && a.every((dim, i) => dim === b[i] || typeof dim === 'string' || typeof b[i] === 'string');

const single = (shape: Shape): boolean => shape.length === 0 || (shape.length === 1 && shape[0] === 1);

/**
 * Checks scale (input 1) and zero point (input 2) of QuantizeLinear and DequantizeLinear against the input: one scale
 * for the tensor, one for each place on `axis`, or with `block_size` one for each block along `axis`.
 * @throws OperatorFault when they do not fit.
 */
export function checkGranularity(call: InferenceCall): void {
  const { shape: scale } = required(call, 1).type;
  const zeroPoint = call.inputs[2]?.type.shape;
  if (zeroPoint !== undefined && !mayAgree(zeroPoint, scale) && !(single(zeroPoint) && single(scale))) {
    throw new OperatorFault(
      'shape-mismatch',
      `the zero point of ${call.op} has shape ${formatShape(zeroPoint)}, its scale ${formatShape(scale)}; they must agree`,
    );
  }
  const blockSize = call.attrs.int('block_size', 0);
  if (blockSize < 0) {
    throw new OperatorFault('invalid-attribute', `block_size of ${call.op} is ${blockSize}, 0 or more is accepted`);
  }
  if (scale.length === 0 || (blockSize === 0 && single(scale))) return;
  const { type } = required(call, 0);
  const axis = checkedAxis(call, call.attrs.int('axis', 1), type.shape.length);
  const size = type.shape[axis] ?? 1;
  const expected = blockSize === 0 ? [size] : type.shape.with(axis, blocksOf(size, blockSize));
  if (mayAgree(scale, expected)) return;
  throw new OperatorFault(
    'shape-mismatch',
    `the scale of ${call.op} has shape ${formatShape(scale)}, ${formatType(type)} along axis ${axis}` +
      `${blockSize === 0 ? '' : ` in blocks of ${blockSize}`} accepts a scalar or ${formatShape(expected)}`,
  );
}

const blocksOf = (size: Dim, blockSize: number): Dim =>
  typeof size === 'number' ? Math.ceil(size / blockSize) : `${size}/${blockSize}`;
