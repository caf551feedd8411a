import { expand, tile } from '../../ir/ops/expand.js';
import { sizeOf, stridesOf } from '../../ir/shape.js';
import type { Kernel } from '../kernel.js';
import { present, resolveDims } from './resolve.js';
import { copyElements } from './strided-copy.js';

const expandKernel: Kernel = (node, inputs, arena) => {
  const data = present(inputs, 0);
  const [dims] = resolveDims(expand, node, inputs);
  if (sizeOf(dims!) === data.size) return [data.reshape(dims!)];
  const result = arena.tensor(data.dtype, dims!);
  const own = stridesOf(data.dims);
  const added = dims!.length - data.rank;
  const strides = dims!.map((_, axis) => (axis < added || data.dims[axis - added] === 1 ? 0 : own[axis - added]!));
  copyElements(dims!, { tensor: data, offset: 0, strides }, { tensor: result, offset: 0, strides: stridesOf(dims!) });
  return [result];
};

const tileKernel: Kernel = (node, inputs, arena) => {
  const data = present(inputs, 0);
  const [dims] = resolveDims(tile, node, inputs);
  if (sizeOf(dims!) === data.size) return [data.reshape(dims!)];
  const result = arena.tensor(data.dtype, dims!);
  // Every axis becomes a pair: the repetition, which does not advance in the data, and the axis itself.
  const repeats = present(inputs, 1).toNumbers();
  const pairs = data.dims.flatMap((dim, axis) => [repeats[axis]!, dim]);
  const strides = stridesOf(data.dims).flatMap((stride) => [0, stride]);
  copyElements(pairs, { tensor: data, offset: 0, strides }, { tensor: result, offset: 0, strides: stridesOf(pairs) });
  return [result];
};

/** Kernels that repeat their input. */
export const REPEAT_KERNELS: readonly (readonly [string, Kernel])[] = [
  ['Expand', expandKernel],
  ['Tile', tileKernel],
];
