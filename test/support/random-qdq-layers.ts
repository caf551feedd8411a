import type { DType } from '../../src/ir/dtype.js';
import { uniformSource } from '../../src/ir/random.js';
import { sizeOf } from '../../src/ir/shape.js';
import { Tensor } from '../../src/ir/tensor.js';
import { rangeOf, realResult, type QdqLayer, type QdqOperand } from './qdq-layer.js';

/** Draws layers of one kind; the same for the same seed. */
export class LayerSource {
  readonly #uniform: () => number;

  constructor(seed: number) {
    this.#uniform = uniformSource(seed);
  }

  int(least: number, most: number): number {
    return least + Math.min(most - least, Math.floor(((this.#uniform() + 1) / 2) * (most - least + 1)));
  }

  pick<T>(items: readonly T[]): T {
    return items[this.int(0, items.length - 1)]!;
  }

  chance(): boolean {
    return this.int(0, 1) === 1;
  }

  /** A positive float32 of any mantissa. */
  scale(least = 0.002, most = 0.1): number {
    return Math.fround(least + ((this.#uniform() + 1) / 2) * (most - least));
  }

  tensor(dtype: DType, dims: readonly number[], range: readonly [lo: number, hi: number] = rangeOf(dtype)): Tensor {
    const [lo, hi] = range;
    const tensor = Tensor.zeros(dtype, dims);
    for (let i = 0; i < sizeOf(dims); i++) tensor.data[i] = this.int(lo, hi);
    return tensor;
  }

  activation(dtype: DType, dims: readonly number[], constant = false): QdqOperand {
    const [lo, hi] = rangeOf(dtype);
    const zero = this.pick([0, this.int(lo, hi), lo]);
    return { integers: this.tensor(dtype, dims), scales: [this.scale()], zeros: [zero], constant };
  }

  /** Weights with one scale, or one a channel on `axis`; those of bytes use 7 bits, as kernels without VNNI saturate beyond. */
  weights(dims: readonly number[], axis: number): QdqOperand {
    const dtype = this.pick<DType>(['int8', 'int8', 'uint8']);
    const each = this.chance();
    const count = each ? dims[axis]! : 1;
    const list = <T>(draw: () => T): T[] => Array.from({ length: count }, draw);
    const integers = this.tensor(dtype, dims, dtype === 'int8' ? [-64, 63] : [64, 191]);
    const scales = list(() => this.scale(0.001, 0.02));
    const zeros = list(() => (dtype === 'uint8' ? 128 : 0));
    return { integers, scales, zeros, constant: true, ...(each && { axis }) };
  }

  /** int32 of the scale that accumulators have. */
  bias(x: QdqOperand, w: QdqOperand, count: number): QdqOperand {
    const unit = (i: number): number => Math.fround(x.scales[0]! * w.scales[w.scales.length === 1 ? 0 : i]!);
    const each = w.scales.length > 1;
    return {
      integers: this.tensor('int32', [count], [-3000, 3000]),
      scales: each ? Array.from({ length: count }, (_, i) => unit(i)) : [unit(0)],
      zeros: [0],
      constant: true,
      ...(each && { axis: 0 }),
    };
  }

  /** Gives a layer the scale that its results fill the integers with, more or less. */
  finish(layer: Omit<QdqLayer, 'result'>, dtype: DType): QdqLayer {
    const [lo, hi] = rangeOf(dtype);
    const { values } = realResult({ ...layer, result: { dtype, scale: 1, zero: 0 } });
    const largest = Math.max(1e-6, ...values.map(Math.abs));
    const scale = Math.fround((largest * this.pick([1, 1.5, 2, 0.6])) / (hi - lo));
    const tail = this.pick([undefined, undefined, 'Relu', [-0.3 * largest, 0.4 * largest]] as const);
    return {
      ...layer,
      tail,
      result: { dtype, scale, zero: this.pick([0, this.int(lo, hi), lo + 128 * Number(hi > 127)]) },
    };
  }
}

const BYTES: readonly DType[] = ['int8', 'uint8'];

function convolution(source: LayerSource, transposed: boolean): QdqLayer {
  const dtype = source.pick(BYTES);
  const group = source.pick([1, 1, 2]);
  const [channels, filters] = [source.int(1, 3), source.int(1, 4)];
  const kernel = [source.int(1, 3), source.int(1, 3)];
  const x = source.activation(dtype, [source.int(1, 2), group * channels, source.int(4, 7), source.int(4, 7)]);
  const dims = transposed ? [group * channels, filters, ...kernel] : [group * filters, channels, ...kernel];
  const w = source.weights(dims, transposed ? 1 : 0);
  const shared: QdqOperand =
    transposed && group > 1 ? { ...w, scales: w.scales.slice(0, 1), zeros: w.zeros.slice(0, 1) } : w;
  const { axis, ...plain } = shared;
  const weights = axis !== undefined && shared.scales.length > 1 ? shared : plain;
  const attrs = {
    strides: [source.int(1, 2), source.int(1, 2)],
    pads: [0, 0, 0, 0].map(() => source.int(0, 1)),
    group,
    kernel_shape: kernel,
  };
  const biased = source.chance();
  const operands = biased ? [x, weights, source.bias(x, weights, group * filters)] : [x, weights];
  const depth = group * channels * sizeOf(kernel) + 1;
  return source.finish({ op: transposed ? 'ConvTranspose' : 'Conv', attrs, operands, depth }, dtype);
}

function product(source: LayerSource, op: 'Gemm' | 'MatMul'): QdqLayer {
  const dtype = source.pick(BYTES);
  const [rows, depth, columns] = [source.int(1, 4), source.int(1, 40), source.int(1, 6)];
  if (op === 'Gemm') {
    const transB = source.int(0, 1);
    const x = source.activation(dtype, [rows, depth]);
    const w = source.weights(transB === 1 ? [columns, depth] : [depth, columns], transB === 1 ? 0 : 1);
    const operands = source.chance() ? [x, w, source.bias(x, w, columns)] : [x, w];
    return source.finish({ op, attrs: { transB }, operands, depth: depth + 1 }, dtype);
  }
  const batch = source.pick([[], [2], [2, 3]]);
  const x = source.activation(dtype, [...batch, rows, depth]);
  const computed = source.chance();
  const w = computed ? source.activation(dtype, [...batch, depth, columns]) : source.weights([depth, columns], 1);
  return source.finish({ op, attrs: {}, operands: [x, w], depth }, dtype);
}

function elementwise(source: LayerSource): QdqLayer {
  const dtype = source.pick(BYTES);
  const dims = [2, source.int(1, 4), source.int(1, 6)];
  const other = source.pick([dims, [1], dims.slice(1), [2, 1, dims[2]!]]);
  const operands = [source.activation(dtype, dims), source.activation(dtype, other, source.chance())];
  const swapped = source.chance() ? operands.toReversed() : operands;
  return source.finish({ op: source.pick(['Add', 'Sub', 'Mul']), attrs: {}, operands: swapped, depth: 2 }, dtype);
}

function mean(source: LayerSource): QdqLayer {
  const dtype = source.pick(BYTES);
  const x = source.activation(dtype, [source.int(1, 2), source.int(1, 3), source.int(3, 7), source.int(3, 7)]);
  const op = source.pick(['AveragePool', 'GlobalAveragePool', 'ReduceMean']);
  if (op === 'GlobalAveragePool') return source.finish({ op, attrs: {}, operands: [x], depth: 49 }, dtype);
  if (op === 'ReduceMean') {
    const axes = Tensor.int64(source.pick([[2, 3], [1], [-1], [1, 2, 3]]));
    return source.finish(
      { op, attrs: { keepdims: source.int(0, 1) }, operands: [x], others: [axes], depth: 150 },
      dtype,
    );
  }
  const attrs = {
    kernel_shape: [source.int(2, 3), source.int(2, 3)],
    strides: [source.int(1, 2), source.int(1, 2)],
    pads: [0, 0, 0, 0].map(() => source.int(0, 1)),
    count_include_pad: source.int(0, 1),
    ceil_mode: 0,
  };
  return source.finish({ op, attrs, operands: [x], depth: 9 }, dtype);
}

const ACTIVATIONS: readonly (readonly [string, Readonly<Record<string, number>>])[] = [
  ['Relu', {}],
  ['LeakyRelu', { alpha: 0.1 }],
  ['Sigmoid', {}],
  ['Tanh', {}],
  ['HardSigmoid', {}],
  ['HardSwish', {}],
  ['Elu', {}],
  ['Neg', {}],
  ['Exp', {}],
];

function activation(source: LayerSource): QdqLayer {
  const dtype = source.pick(BYTES);
  const [op, attrs] = source.pick(ACTIVATIONS);
  const floats = Object.fromEntries(Object.entries(attrs).map(([name, float]) => [name, { float }]));
  const layer = { op, attrs: floats, operands: [source.activation(dtype, [2, 64])], depth: 100 };
  return { ...source.finish(layer, source.pick([dtype, dtype, 'int16'])), tail: undefined };
}

/** The kinds of layers that are drawn. */
export const LAYER_KINDS: Readonly<Record<string, (source: LayerSource) => QdqLayer>> = {
  Conv: (source) => convolution(source, false),
  ConvTranspose: (source) => convolution(source, true),
  Gemm: (source) => product(source, 'Gemm'),
  MatMul: (source) => product(source, 'MatMul'),
  'Add, Sub, Mul': elementwise,
  'AveragePool, GlobalAveragePool, ReduceMean': mean,
  'a function of one tensor': activation,
};

/** Layers whose data have 16 bits or whose weights have 4. */
export function otherWidths(source: LayerSource): QdqLayer {
  const dtype = source.pick<DType>(['int16', 'uint16', 'int8']);
  const x = source.activation(dtype, [1, 2, 5, 5]);
  const four = source.pick<DType>(['int4', 'uint4']);
  const each = source.chance();
  const w: QdqOperand = {
    integers: source.tensor(four, [3, 2, 2, 2]),
    scales: Array.from({ length: each ? 3 : 1 }, () => source.scale()),
    zeros: Array.from({ length: each ? 3 : 1 }, () => source.int(0, 7)),
    constant: true,
    ...(each && { axis: 0 }),
  };
  const operands = source.chance() ? [x, w, source.bias(x, w, 3)] : [x, w];
  return source.finish({ op: 'Conv', attrs: { kernel_shape: [2, 2] }, operands, depth: 9 }, dtype);
}
