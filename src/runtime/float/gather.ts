import { gather, gatherElements, gatherND } from '../../ir/ops/gather.js';
import { normaliseAxis, sizeOf, stridesOf } from '../../ir/shape.js';
import type { Kernel } from '../kernel.js';
import { indexTuples, indexValues } from './indices.js';
import { present, resolveDims } from './resolve.js';
import { copyRun, wordsOf, wordsPer } from './words.js';

const gatherKernel: Kernel = (node, inputs, arena) => {
  const data = present(inputs, 0);
  const [dims] = resolveDims(gather, node, inputs);
  const axis = normaliseAxis(node.attrs.int('axis', 0), data.rank)!;
  const indices = indexValues(node.op, present(inputs, 1), data.dims[axis]!);
  const result = arena.tensor(data.dtype, dims!);
  const source = wordsOf(data);
  const target = wordsOf(result);
  const run = sizeOf(data.dims.slice(axis + 1)) * wordsPer(data.dtype);
  const outer = sizeOf(data.dims.slice(0, axis));
  let t = 0;
  for (let o = 0; o < outer; o++) {
    const base = o * data.dims[axis]! * run;
    if (run === 1) for (let i = 0; i < indices.length; i++, t++) target[t] = source[base + indices[i]!]!;
    else for (let i = 0; i < indices.length; i++, t += run) copyRun(source, base + indices[i]! * run, target, t, run);
  }
  return [result];
};

const gatherElementsKernel: Kernel = (node, inputs, arena) => {
  const data = present(inputs, 0);
  const [dims] = resolveDims(gatherElements, node, inputs);
  const axis = normaliseAxis(node.attrs.int('axis', 0), data.rank)!;
  const indices = indexValues(node.op, present(inputs, 1), data.dims[axis]!);
  const result = arena.tensor(data.dtype, dims!);
  const source = wordsOf(data);
  const target = wordsOf(result);
  const per = wordsPer(data.dtype);
  const places = elementPlaces(dims!, data.dims, axis, indices);
  for (let i = 0; i < places.length; i++) copyRun(source, places[i]! * per, target, i * per, per);
  return [result];
};

/** For every element of indices of sizes `dims`, its place in data of sizes `data`, the coordinate along `axis` replaced. */
export function elementPlaces(
  dims: readonly number[],
  data: readonly number[],
  axis: number,
  indices: Int32Array,
): Float64Array {
  const strides = stridesOf(data);
  const along = strides[axis]!;
  // The axis itself does not advance the place, the index does.
  strides[axis] = 0;
  const last = dims.length - 1;
  const width = dims[last]!;
  const step = strides[last]!;
  const places = new Float64Array(indices.length);
  const position = new Array<number>(last).fill(0);
  let base = 0;
  for (let i = 0; i < places.length;) {
    for (let j = 0; j < width; j++, i++) places[i] = base + j * step + indices[i]! * along;
    for (let a = last - 1; a >= 0; a--) {
      base += strides[a]!;
      if (++position[a]! < dims[a]!) break;
      position[a] = 0;
      base -= strides[a]! * dims[a]!;
    }
  }
  return places;
}

const gatherNDKernel: Kernel = (node, inputs, arena) => {
  const data = present(inputs, 0);
  const indices = present(inputs, 1);
  const [dims] = resolveDims(gatherND, node, inputs);
  const batch = node.attrs.int('batch_dims', 0);
  const tuple = indices.dims.at(-1)!;
  const result = arena.tensor(data.dtype, dims!);
  const source = wordsOf(data);
  const target = wordsOf(result);
  const run = sizeOf(data.dims.slice(batch + tuple)) * wordsPer(data.dtype);
  const batches = sizeOf(data.dims.slice(0, batch));
  const slices = indexTuples(node.op, indices, data.dims.slice(batch, batch + tuple));
  const perBatch = slices.length / batches;
  const batchStride = sizeOf(data.dims.slice(batch, batch + tuple));
  for (let i = 0; i < slices.length; i++) {
    copyRun(source, (Math.floor(i / perBatch) * batchStride + slices[i]!) * run, target, i * run, run);
  }
  return [result];
};

/** Kernels that pick elements by index. */
export const GATHER_KERNELS: readonly (readonly [string, Kernel])[] = [
  ['Gather', gatherKernel],
  ['GatherElements', gatherElementsKernel],
  ['GatherND', gatherNDKernel],
];
