import { bitsOf, isInteger } from '../../ir/dtype.js';
import { reducedShape, reductionAxes } from '../../ir/ops/reduce.js';
import { stridesOf } from '../../ir/shape.js';
import type { Tensor } from '../../ir/tensor.js';
import type { Kernel } from '../kernel.js';
import {
  bigIntsOf,
  floatsOf,
  storeBigInts,
  storeFloats,
  toBigInts,
  type BigIntArray,
  type FloatArray,
} from './floats.js';
import { REDUCERS, type BigReducer, type Reducer } from './reducers.js';
import { checked, concreteCall, present } from './resolve.js';
import { newResult } from './results.js';
import { storeNumbers } from './store.js';
import { mergeAxes, Walk } from './walk.js';

/** The loop nest of a reduction: results, for each the rows it goes over, and the elements of a row. */
export interface Nest {
  readonly results: Walk;
  readonly rows: Walk;
  readonly length: number;
  readonly step: number;
}

/** No size may be 0. */
export function nestOf(dims: readonly number[], axes: readonly number[]): Nest {
  const strides = stridesOf(dims);
  const part = (inside: boolean): ReturnType<typeof mergeAxes> => {
    const chosen = dims.map((_, axis) => axis).filter((axis) => axes.includes(axis) === inside);
    return mergeAxes(
      chosen.map((axis) => dims[axis]!),
      [chosen.map((axis) => strides[axis]!)],
    );
  };
  const reduced = part(true);
  const row = reduced.pop() ?? { size: 1, steps: [0] };
  return { results: new Walk(part(false), 1), rows: new Walk(reduced, 1), length: row.size, step: row.steps[0]! };
}

function reduceFloats(reducer: Reducer, x: FloatArray, nest: Nest, results: number, count: number): Float64Array {
  const { results: outer, rows, length, step } = nest;
  const { start, row, finish } = reducer;
  const centres = reducer.centre && reduceFloats(reducer.centre, x, nest, results, count);
  const y = new Float64Array(results);
  let at = 0;
  do {
    const base = outer.offsets[0]!;
    const centre = centres?.[at] ?? 0;
    let accumulator = start;
    do accumulator = row(accumulator, x, base + rows.offsets[0]!, step, length, centre);
    while (rows.next());
    y[at++] = finish === undefined ? accumulator : finish(accumulator, count, centre);
  } while (outer.next());
  return y;
}

function reduceBig(reducer: BigReducer, x: BigIntArray, nest: Nest, y: BigIntArray, count: number): void {
  const { results: outer, rows, length, step } = nest;
  let at = 0;
  do {
    let accumulator = reducer.start;
    do {
      const from = outer.offsets[0]! + rows.offsets[0]!;
      for (let i = 0; i < length; i++) accumulator = reducer.step(accumulator, x[from + i * step]!);
    } while (rows.next());
    y[at++] = reducer.finish === undefined ? accumulator : reducer.finish(accumulator, BigInt(count));
  } while (outer.next());
}

function reduceKernel(reducer: Reducer): Kernel {
  return (node, inputs, arena) => {
    const x = present(inputs, 0);
    const axes = checked(() => reductionAxes(concreteCall(node, inputs)))!;
    const dims = reducedShape(x.dims, axes, node.attrs.int('keepdims', 1) === 1);
    const result = newResult(node, arena, dims as number[]);
    const count = axes.reduce((product, axis) => product * x.dims[axis]!, 1);
    if (result.size === 0) return [result];
    if (count === 0) {
      const { start, finish } = reducer;
      storeNumbers(new Float64Array(result.size).fill(finish === undefined ? start : finish(start, 0, 0)), result);
    } else reduce(reducer, x, nestOf(x.dims, axes), result, count);
    return [result];
  };
}

function reduce(reducer: Reducer, x: Tensor, nest: Nest, result: Tensor, count: number): void {
  if (reducer.big !== undefined && isInteger(x.dtype) && bitsOf(x.dtype) >= 32) {
    const y = bigIntsOf(result) ?? new BigInt64Array(result.size);
    reduceBig(reducer.big, toBigInts(x), nest, y, count);
    storeBigInts(result, y);
  } else storeFloats(result, reduceFloats(reducer, floatsOf(x), nest, result.size, count));
}

/** Kernels of the reductions over any set of axes; a reduction of nothing gives what the operator text names for it. */
export const REDUCE_KERNELS: readonly (readonly [string, Kernel])[] = [...REDUCERS].map(([name, reducer]) => [
  name,
  reduceKernel(reducer),
]);
