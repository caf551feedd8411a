import { integerRange, isFloat } from '../../src/ir/dtype.js';
import type { Graph, Value } from '../../src/ir/graph.js';
import { uniformSource } from '../../src/ir/random.js';
import { formatShape, sizeOf } from '../../src/ir/shape.js';
import { Tensor } from '../../src/ir/tensor.js';
import { prepare } from '../../src/runtime/executor.js';
import type { KernelTable } from '../../src/runtime/kernel.js';

/** `relative`: largest accepted distance, as a fraction of the largest magnitude of the wanted result. */
export type Exactness = 'bits' | { readonly relative: number; readonly because: string };

export interface FeedOptions {
  /** Sizes of a symbol in the successive runs; 1, 3, 2 for the first symbol of a graph and others for the next ones. */
  readonly sizes?: Readonly<Record<string, readonly number[]>>;
  /** Range of an input; by default floats in [-1, 1), then in [-8, 8), then halves in that range; integers in 0 … 3. */
  readonly ranges?: Readonly<Record<string, readonly [low: number, high: number]>>;
}

/** Inputs of one run; the same for the same seed everywhere. */
export function randomFeeds(graph: Graph, seed: number, options: FeedOptions = {}): Map<string, Tensor> {
  const sizes = new Map<string, number>();
  const sizeOfSymbol = (symbol: string): number => {
    const fallback = ([1, 3, 2][seed % 3] ?? 1) + sizes.size;
    const size = sizes.get(symbol) ?? options.sizes?.[symbol]?.[seed] ?? fallback;
    sizes.set(symbol, size);
    return size;
  };
  return new Map(
    graph.inputs.map((input, i) => {
      const dims = input.type.shape.map((dim) => (typeof dim === 'number' ? dim : sizeOfSymbol(dim)));
      return [input.name, randomTensor(input, dims, seed, i, options)];
    }),
  );
}

function randomTensor(
  { name, type: { dtype } }: Value,
  dims: readonly number[],
  seed: number,
  index: number,
  { ranges }: FeedOptions,
): Tensor {
  const next = uniformSource(1000 * index + seed + 1);
  const tensor = Tensor.zeros(dtype, dims);
  const [low, high] =
    ranges?.[name] ?? (isFloat(dtype) ? (seed === 0 ? [-1, 1] : [-8, 8]) : [0, dtype === 'bool' ? 2 : 4]);
  const draw = (): number => {
    const x = low + ((next() + 1) / 2) * (high - low);
    if (!isFloat(dtype)) return Math.floor(x);
    return seed === 2 ? Math.round(x * 2) / 2 : Math.fround(x);
  };
  const { data } = tensor;
  for (let i = 0; i < sizeOf(dims); i++) {
    if (data instanceof BigInt64Array || data instanceof BigUint64Array) data[i] = BigInt(draw());
    else data[i] = isFloat(dtype) ? draw() : Math.min(draw(), integerRange(dtype).hi);
  }
  return tensor;
}

export function runGraph(
  graph: Graph,
  kernels: KernelTable,
  feeds: ReadonlyMap<string, Tensor>,
): ReadonlyMap<string, Tensor> {
  return prepare(graph, kernels).run(feeds);
}

/** The first difference between two sets of results beyond `exactness`; undefined when there is none. Zeros are equal whatever their sign. */
export function describeDifference(
  wanted: ReadonlyMap<string, Tensor>,
  got: ReadonlyMap<string, Tensor>,
  exactness: Exactness,
): string | undefined {
  for (const [name, expected] of wanted) {
    const actual = got.get(name);
    if (actual === undefined) return `there is no result '${name}'`;
    if (actual.dtype !== expected.dtype || formatShape(actual.dims) !== formatShape(expected.dims)) {
      return (
        `'${name}' is ${actual.dtype}[${formatShape(actual.dims)}] ` +
        `instead of ${expected.dtype}[${formatShape(expected.dims)}]`
      );
    }
    const largest = expected.toNumbers().reduce((max, x) => (Number.isFinite(x) ? Math.max(max, Math.abs(x)) : max), 0);
    const slack = exactness === 'bits' ? -1 : exactness.relative * largest;
    for (let i = 0; i < expected.size; i++) {
      const a = actual.data[i];
      const b = expected.data[i];
      if (a === undefined || b === undefined || a === b || Object.is(a, b)) continue;
      const distance = Math.abs(Number(a) - Number(b));
      if (distance <= slack) continue;
      return `'${name}' has ${a} instead of ${b} at ${i}, ${slack < 0 ? 'no difference' : slack} is accepted`;
    }
  }
  return undefined;
}
