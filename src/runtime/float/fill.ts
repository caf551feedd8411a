import { constantOfShape, range } from '../../ir/ops/fill.js';
import { shapeRange } from '../../ir/ops/shape-of.js';
import { numberData, Tensor } from '../../ir/tensor.js';
import type { Kernel } from '../kernel.js';
import { roundShortFloats } from './buffers.js';
import { present, resolveDims } from './resolve.js';
import { fillWords, wordsOf } from './words.js';

const shapeKernel: Kernel = (node, inputs) => {
  const { dims, rank } = present(inputs, 0);
  const { from, to } = shapeRange(rank, node.attrs.int('start', 0), node.attrs.int('end', rank));
  return [Tensor.int64(dims.slice(from, to))];
};

const sizeKernel: Kernel = (_, inputs) => [Tensor.int64(present(inputs, 0).size)];

const constantOfShapeKernel: Kernel = (node, inputs, arena) => {
  const [dims] = resolveDims(constantOfShape, node, inputs);
  const value = node.attrs.has('value') ? node.attrs.tensor('value') : Tensor.zeros('float32', [1]);
  const result = arena.tensor(value.dtype, dims!);
  fillWords(wordsOf(result), wordsOf(value));
  return [result];
};

const rangeKernel: Kernel = (node, inputs, arena) => {
  const [dims] = resolveDims(range, node, inputs);
  const start = present(inputs, 0);
  const delta = present(inputs, 2);
  const result = arena.tensor(start.dtype, dims!);
  const numbers = numberData(result);
  if (numbers === undefined) {
    const integers = result.data as BigInt64Array;
    let value = start.data[0] as bigint;
    for (let i = 0; i < integers.length; i++, value += delta.data[0] as bigint) integers[i] = value;
    return [result];
  }
  const first = Number(start.data[0]);
  const step = Number(delta.data[0]);
  for (let i = 0; i < numbers.length; i++) numbers[i] = first + i * step;
  roundShortFloats(result);
  return [result];
};

/** Kernels that describe their input or make elements from nothing. */
export const FILL_KERNELS: readonly (readonly [string, Kernel])[] = [
  ['Shape', shapeKernel],
  ['Size', sizeKernel],
  ['ConstantOfShape', constantOfShapeKernel],
  ['Range', rangeKernel],
];
