import { depthToSpace, permutation, spaceToDepth } from '../../ir/ops/transpose.js';
import { stridesOf } from '../../ir/shape.js';
import type { Tensor } from '../../ir/tensor.js';
import type { Arena, Kernel } from '../kernel.js';
import { checked, present, resolveDims } from './resolve.js';
import { copyElements } from './strided-copy.js';

/** The tensor with result axis i being axis `perm[i]`; shares the elements when only axes of size 1 move. */
function permuted(tensor: Tensor, perm: readonly number[], arena: Arena): Tensor {
  const { dims } = tensor;
  const result = perm.map((axis) => dims[axis]!);
  const moving = perm.filter((axis) => dims[axis] !== 1);
  if (moving.every((axis, i) => i === 0 || moving[i - 1]! < axis)) return tensor.reshape(result);
  const strides = stridesOf(dims);
  const target = arena.tensor(tensor.dtype, result);
  copyElements(
    result,
    { tensor, offset: 0, strides: perm.map((axis) => strides[axis]!) },
    { tensor: target, offset: 0, strides: stridesOf(result) },
  );
  return target;
}

const transpose: Kernel = (node, inputs, arena) => {
  const data = present(inputs, 0);
  return [
    permuted(
      data,
      checked(() => permutation(node, data.rank)),
      arena,
    ),
  ];
};

const depthToSpaceKernel: Kernel = (node, inputs, arena) => {
  const data = present(inputs, 0);
  const [dims] = resolveDims(depthToSpace, node, inputs);
  const [batch, , height, width] = data.dims as [number, number, number, number];
  const block = node.attrs.int('blocksize');
  const depth = dims![1]!;
  const blocks =
    node.attrs.string('mode', 'DCR') === 'DCR'
      ? permuted(data.reshape([batch, block, block, depth, height, width]), [0, 3, 4, 1, 5, 2], arena)
      : permuted(data.reshape([batch, depth, block, block, height, width]), [0, 1, 4, 2, 5, 3], arena);
  return [blocks.reshape(dims!)];
};

const spaceToDepthKernel: Kernel = (node, inputs, arena) => {
  const data = present(inputs, 0);
  const [dims] = resolveDims(spaceToDepth, node, inputs);
  const [batch, channels] = data.dims as [number, number];
  const block = node.attrs.int('blocksize');
  const blocks = data.reshape([batch, channels, dims![2]!, block, dims![3]!, block]);
  return [permuted(blocks, [0, 3, 5, 1, 2, 4], arena).reshape(dims!)];
};

/** Kernels that reorder axes. */
export const PERMUTATION_KERNELS: readonly (readonly [string, Kernel])[] = [
  ['Transpose', transpose],
  ['DepthToSpace', depthToSpaceKernel],
  ['SpaceToDepth', spaceToDepthKernel],
];
