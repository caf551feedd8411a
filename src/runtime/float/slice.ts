import { concat } from '../../ir/ops/concat.js';
import { resolveSlice, slice } from '../../ir/ops/slice.js';
import { split } from '../../ir/ops/split.js';
import { normaliseAxis, stridesOf } from '../../ir/shape.js';
import type { Kernel } from '../kernel.js';
import { present, resolveDims } from './resolve.js';
import { copyElements } from './strided-copy.js';

const sliceKernel: Kernel = (node, inputs, arena) => {
  const data = present(inputs, 0);
  const [dims] = resolveDims(slice, node, inputs);
  const starts = present(inputs, 1).toNumbers();
  const ends = present(inputs, 2).toNumbers();
  const axes = inputs[3]?.toNumbers() ?? starts.map((_, axis) => axis);
  const steps = inputs[4]?.toNumbers();
  const strides = stridesOf(data.dims);
  let offset = 0;
  let whole = true;
  for (const [i, named] of axes.entries()) {
    const axis = normaliseAxis(named, data.rank)!;
    const { start, step, count } = resolveSlice(data.dims[axis]!, starts[i]!, ends[i]!, steps?.[i] ?? 1);
    if (count !== data.dims[axis] || (step < 0 && count > 1)) whole = false;
    offset += start * strides[axis]!;
    strides[axis]! *= step;
  }
  if (whole) return [data];
  const result = arena.tensor(data.dtype, dims!);
  copyElements(dims!, { tensor: data, offset, strides }, { tensor: result, offset: 0, strides: stridesOf(dims!) });
  return [result];
};

const splitKernel: Kernel = (node, inputs, arena) => {
  const data = present(inputs, 0);
  const axis = normaliseAxis(node.attrs.int('axis', 0), data.rank)!;
  const strides = stridesOf(data.dims);
  let position = 0;
  return resolveDims(split, node, inputs).map((dims) => {
    const part = arena.tensor(data.dtype, dims);
    const source = { tensor: data, offset: position * strides[axis]!, strides };
    copyElements(dims, source, { tensor: part, offset: 0, strides: stridesOf(dims) });
    position += dims[axis]!;
    return part;
  });
};

const concatKernel: Kernel = (node, inputs, arena) => {
  const [dims] = resolveDims(concat, node, inputs);
  const axis = normaliseAxis(node.attrs.int('axis'), dims!.length)!;
  const result = arena.tensor(present(inputs, 0).dtype, dims!);
  const strides = stridesOf(dims!);
  let position = 0;
  for (let i = 0; i < inputs.length; i++) {
    const tensor = present(inputs, i);
    const target = { tensor: result, offset: position * strides[axis]!, strides };
    copyElements(tensor.dims, { tensor, offset: 0, strides: stridesOf(tensor.dims) }, target);
    position += tensor.dims[axis]!;
  }
  return [result];
};

/** Kernels that cut and join along axes. */
export const SLICE_KERNELS: readonly (readonly [string, Kernel])[] = [
  ['Slice', sliceKernel],
  ['Split', splitKernel],
  ['Concat', concatKernel],
];
