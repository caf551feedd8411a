import { scatterElements, scatterND } from '../../ir/ops/scatter.js';
import { normaliseAxis, sizeOf } from '../../ir/shape.js';
import { numberData, type Tensor } from '../../ir/tensor.js';
import type { Arena, Kernel } from '../kernel.js';
import { elementPlaces } from './gather.js';
import { indexTuples, indexValues } from './indices.js';
import { present, resolveDims } from './resolve.js';
import { shortFloatRounding } from './store.js';
import { copyRun, wordsOf, wordsPer } from './words.js';

type Combine<T> = (old: T, update: T) => T;

const NUMBERS: ReadonlyMap<string, Combine<number>> = new Map<string, Combine<number>>([
  ['add', (a, b) => a + b],
  ['mul', (a, b) => a * b],
  ['max', Math.max],
  ['min', Math.min],
]);

const BIGINTS: ReadonlyMap<string, Combine<bigint>> = new Map<string, Combine<bigint>>([
  ['add', (a, b) => a + b],
  ['mul', (a, b) => a * b],
  ['max', (a, b) => (a > b ? a : b)],
  ['min', (a, b) => (a < b ? a : b)],
]);

/** The combination of two numbers as the element type of `tensor` has it: 32-bit products wrap, short floats round. */
function numberCombine(reduction: string, { dtype }: Tensor): Combine<number> {
  const combine = NUMBERS.get(reduction)!;
  const round = shortFloatRounding(dtype);
  if (round !== undefined) return (a, b) => round(combine(a, b));
  return reduction === 'mul' && (dtype === 'int32' || dtype === 'uint32') ? Math.imul : combine;
}

/** A copy of `data` with runs of `run` elements at `places` (counted in runs) replaced by, or combined with, `updates`. */
function scattered(
  data: Tensor,
  updates: Tensor,
  places: Float64Array,
  run: number,
  reduction: string,
  arena: Arena,
): Tensor {
  const result = arena.tensor(data.dtype, data.dims);
  const target = wordsOf(result);
  target.set(wordsOf(data));
  if (reduction === 'none') {
    const width = run * wordsPer(data.dtype);
    const source = wordsOf(updates);
    for (let i = 0; i < places.length; i++) copyRun(source, i * width, target, places[i]! * width, width);
    return result;
  }
  const numbers = numberData(result);
  if (numbers !== undefined) combineRuns(numbers, numberData(updates)!, places, run, numberCombine(reduction, data));
  else {
    const old = result.data as BigInt64Array | BigUint64Array;
    combineRuns(old, updates.data as typeof old, places, run, BIGINTS.get(reduction)!);
  }
  return result;
}

function combineRuns<T>(
  target: Record<number, T>,
  updates: Readonly<Record<number, T>>,
  places: Float64Array,
  run: number,
  combine: Combine<T>,
): void {
  for (let i = 0; i < places.length; i++) {
    const base = places[i]! * run;
    for (let j = 0; j < run; j++) target[base + j] = combine(target[base + j]!, updates[i * run + j]!);
  }
}

const scatterElementsKernel: Kernel = (node, inputs, arena) => {
  const data = present(inputs, 0);
  const indices = present(inputs, 1);
  resolveDims(scatterElements, node, inputs);
  const axis = normaliseAxis(node.attrs.int('axis', 0), data.rank)!;
  const values = indexValues(node.op, indices, data.dims[axis]!);
  const places = elementPlaces(indices.dims, data.dims, axis, values);
  return [scattered(data, present(inputs, 2), places, 1, node.attrs.string('reduction', 'none'), arena)];
};

const scatterNDKernel: Kernel = (node, inputs, arena) => {
  const data = present(inputs, 0);
  const indices = present(inputs, 1);
  resolveDims(scatterND, node, inputs);
  const tuple = indices.dims.at(-1)!;
  const places = indexTuples(node.op, indices, data.dims.slice(0, tuple));
  const run = sizeOf(data.dims.slice(tuple));
  return [scattered(data, present(inputs, 2), places, run, node.attrs.string('reduction', 'none'), arena)];
};

/** Kernels that replace elements by index. */
export const SCATTER_KERNELS: readonly (readonly [string, Kernel])[] = [
  ['ScatterElements', scatterElementsKernel],
  ['ScatterND', scatterNDKernel],
];
