import { oneHot, reverseSequence, trilu } from '../../ir/ops/select.js';
import { normaliseAxis, sizeOf } from '../../ir/shape.js';
import { Tensor } from '../../ir/tensor.js';
import { ExecutionFault, type Kernel } from '../kernel.js';
import { present, resolveDims } from './resolve.js';
import { copyRun, fillWords, wordsOf, wordsPer } from './words.js';

const triluKernel: Kernel = (node, inputs, arena) => {
  const data = present(inputs, 0);
  resolveDims(trilu, node, inputs);
  const result = arena.tensor(data.dtype, data.dims);
  const upper = node.attrs.int('upper', 1) === 1;
  const rows = data.dims.at(-2)!;
  const columns = data.dims.at(-1)!;
  // Clamped so that a far-off diagonal stays a number that loops can count with.
  const diagonal = Math.min(Math.max(Number(inputs[1]?.data[0] ?? 0), -rows - 1), columns + 1);
  const per = wordsPer(data.dtype);
  const source = wordsOf(data);
  const target = wordsOf(result);
  target.fill(0);
  const lines = sizeOf(data.dims.slice(0, -1));
  for (let line = 0; line < lines; line++) {
    const cut = (line % rows) + diagonal;
    const from = upper ? Math.min(Math.max(cut, 0), columns) : 0;
    const to = upper ? columns : Math.min(Math.max(cut + 1, 0), columns);
    const start = (line * columns + from) * per;
    copyRun(source, start, target, start, (to - from) * per);
  }
  return [result];
};

const nonZeroKernel: Kernel = (_, inputs) => {
  const data = present(inputs, 0);
  const found: number[] = [];
  for (let i = 0; i < data.size; i++) if (Number(data.data[i]!) !== 0) found.push(i);
  const coordinates = new BigInt64Array(data.rank * found.length);
  let below = data.size;
  for (const [axis, dim] of data.dims.entries()) {
    below /= dim;
    for (const [i, place] of found.entries()) {
      coordinates[axis * found.length + i] = BigInt(Math.floor(place / below) % dim);
    }
  }
  return [new Tensor('int64', [data.rank, found.length], coordinates)];
};

const reverseSequenceKernel: Kernel = (node, inputs, arena) => {
  const data = present(inputs, 0);
  const lengths = present(inputs, 1);
  resolveDims(reverseSequence, node, inputs);
  const batchAxis = node.attrs.int('batch_axis', 1);
  const [batches, times] = [data.dims[batchAxis]!, data.dims[1 - batchAxis]!];
  const run = sizeOf(data.dims.slice(2)) * wordsPer(data.dtype);
  const [batchStep, timeStep] = batchAxis === 0 ? [times * run, run] : [run, batches * run];
  const result = arena.tensor(data.dtype, data.dims);
  const source = wordsOf(data);
  const target = wordsOf(result);
  for (let batch = 0; batch < batches; batch++) {
    const length = Number(lengths.data[batch]!);
    if (length < 0 || length > times) {
      throw new ExecutionFault(`a length of ReverseSequence is ${length}, accepted: 0 to ${times}`);
    }
    for (let time = 0; time < times; time++) {
      const from = time < length ? length - 1 - time : time;
      copyRun(source, batch * batchStep + from * timeStep, target, batch * batchStep + time * timeStep, run);
    }
  }
  return [result];
};

const oneHotKernel: Kernel = (node, inputs, arena) => {
  const indices = present(inputs, 0);
  const values = present(inputs, 2);
  const [dims] = resolveDims(oneHot, node, inputs);
  const axis = normaliseAxis(node.attrs.int('axis', -1), dims!.length)!;
  const depth = dims![axis]!;
  const result = arena.tensor(values.dtype, dims!);
  const per = wordsPer(values.dtype);
  const pair = wordsOf(values);
  const target = wordsOf(result);
  fillWords(target, pair.subarray(0, per));
  const inner = sizeOf(dims!.slice(axis + 1));
  for (let i = 0; i < indices.size; i++) {
    const given = Math.trunc(Number(indices.data[i]!));
    const index = given < 0 ? given + depth : given;
    // An index outside the axis marks no element.
    if (!(index >= 0 && index < depth)) continue;
    const outer = Math.floor(i / inner);
    copyRun(pair, per, target, ((outer * depth + index) * inner + (i % inner)) * per, per);
  }
  return [result];
};

/** Kernels that keep, mark or reorder elements by position. */
export const SELECTION_KERNELS: readonly (readonly [string, Kernel])[] = [
  ['Trilu', triluKernel],
  ['NonZero', nonZeroKernel],
  ['ReverseSequence', reverseSequenceKernel],
  ['OneHot', oneHotKernel],
];
