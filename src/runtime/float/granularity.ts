import type { Node } from '../../ir/graph.js';
import { normaliseAxis } from '../../ir/shape.js';
import type { Tensor } from '../../ir/tensor.js';
import { rowsOf, type Rows } from './broadcast.js';
import { linesAlong } from './lines.js';

/** A part of a tensor (operand 0) and the scales that belong to it (operand 1), both evenly spaced along every axis. */
export interface ScaledRegion {
  readonly rows: Rows;
  readonly start: number;
  readonly scaleStart: number;
}

const region = (
  sizes: readonly number[],
  strides: readonly number[],
  scaleStrides: readonly number[],
  start = 0,
  scaleStart = 0,
): ScaledRegion => ({ rows: rowsOf(sizes, [strides, scaleStrides]), start, scaleStart });

/**
 * The regions in which the attributes `axis` and `block_size` of QuantizeLinear and DequantizeLinear and the shape of
 * the scale divide a tensor: one, or two when a last shorter block is left over.
 */
export function scaledRegions(node: Node, x: Tensor, scale: Tensor): ScaledRegion[] {
  if (x.size === 0) return [];
  const block = node.attrs.int('block_size', 0);
  if (scale.rank === 0 || (block === 0 && scale.size === 1)) return [region([x.size], [1], [0])];
  const axis = normaliseAxis(node.attrs.int('axis', 1), x.rank)!;
  const { outer, size, inner } = linesAlong(x.dims, axis);
  const line = size * inner;
  if (block === 0) return [region([outer, size, inner], [line, inner, 1], [0, 1, 0])];
  const scaleLine = scale.dims[axis]! * inner;
  const whole = Math.floor(size / block);
  const rest = size - whole * block;
  const regions: ScaledRegion[] = [];
  if (whole > 0) {
    const strides = [line, block * inner, inner, 1];
    regions.push(region([outer, whole, block, inner], strides, [scaleLine, inner, 0, 1]));
  }
  if (rest > 0) {
    const starts = [whole * block * inner, whole * inner] as const;
    regions.push(region([outer, rest, inner], [line, inner, 1], [scaleLine, 0, 1], ...starts));
  }
  return regions;
}

/** Runs `run` on every row of every region: where it begins, the distance of neighbours, and its length. */
export function forEachRow(
  regions: readonly ScaledRegion[],
  run: (at: number, step: number, scaleAt: number, scaleStep: number, n: number) => void,
): void {
  for (const { rows, start, scaleStart } of regions) {
    const { length, walk } = rows;
    const [step, scaleStep] = rows.steps as readonly [number, number];
    do {
      run(start + walk.offsets[0]!, step, scaleStart + walk.offsets[1]!, scaleStep, length);
    } while (walk.next());
  }
}
