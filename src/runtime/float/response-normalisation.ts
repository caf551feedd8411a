import { lrn, meanVarianceNormalization } from '../../ir/ops/normalisation.js';
import { normaliseAxis, sizeOf, stridesOf } from '../../ir/shape.js';
import type { Kernel } from '../kernel.js';
import { numbersOf, roundShortFloats } from './buffers.js';
import { gridOffsets } from './grid-offsets.js';
import { checkedDims } from './normalisation.js';
import { planned } from './plan.js';
import { present, resolveDims } from './resolve.js';

const checkLrn = checkedDims(lrn);

const lrnKernel: Kernel = (node, inputs, arena) => {
  checkLrn(node, inputs);
  const { attrs } = node;
  const [alpha, beta, bias] = [attrs.float('alpha', 1e-4), attrs.float('beta', 0.75), attrs.float('bias', 1)];
  const width = attrs.int('size');
  const before = Math.floor((width - 1) / 2);
  const after = Math.ceil((width - 1) / 2);
  const tensor = present(inputs, 0);
  const result = arena.tensor(tensor.dtype, tensor.dims);
  const x = numbersOf(tensor);
  const y = numbersOf(result);
  const [batch = 1, channels = 1] = tensor.dims;
  const size = sizeOf(tensor.dims.slice(2));
  for (let n = 0; n < batch; n++) {
    const sample = n * channels * size;
    for (let c = 0; c < channels; c++) {
      const first = sample + Math.max(c - before, 0) * size;
      const last = sample + Math.min(c + after, channels - 1) * size;
      for (let i = 0; i < size; i++) {
        let squares = 0;
        for (let at = first + i; at <= last + i; at += size) squares += x[at]! * x[at]!;
        const own = sample + c * size + i;
        y[own] = x[own]! / (bias + (alpha / width) * squares) ** beta;
      }
    }
  }
  roundShortFloats(result);
  return [result];
};

interface MeanVariancePlan {
  /** Where the elements normalised together lie relative to the first of them, and where each first one lies. */
  readonly together: Int32Array;
  readonly starts: Int32Array;
}

const planMeanVariance = planned((node, inputs): MeanVariancePlan => {
  resolveDims(meanVarianceNormalization, node, inputs);
  const { dims } = present(inputs, 0);
  const strides = stridesOf(dims);
  const axes = new Set(node.attrs.ints('axes', [0, 2, 3]).map((axis) => normaliseAxis(axis, dims.length)));
  const along = (inside: boolean): Int32Array => {
    const chosen = dims.map((_, axis) => axis).filter((axis) => axes.has(axis) === inside);
    return gridOffsets(
      chosen.map((axis) => dims[axis]!),
      chosen.map((axis) => strides[axis]!),
    );
  };
  return { together: along(true), starts: along(false) };
});

/** What the ONNX text adds to the deviation so that constant data give 0. */
const DEVIATION_EPSILON = 1e-9;

const meanVarianceKernel: Kernel = (node, inputs, arena) => {
  const { together, starts } = planMeanVariance(node, inputs);
  const tensor = present(inputs, 0);
  const result = arena.tensor(tensor.dtype, tensor.dims);
  const x = numbersOf(tensor);
  const y = numbersOf(result);
  const count = together.length;
  if (count > 0) {
    for (const start of starts) {
      let mean = 0;
      for (let i = 0; i < count; i++) mean += x[start + together[i]!]! / count;
      let variance = 0;
      for (let i = 0; i < count; i++) variance += (x[start + together[i]!]! - mean) ** 2 / count;
      const deviation = Math.sqrt(variance) + DEVIATION_EPSILON;
      for (let i = 0; i < count; i++) y[start + together[i]!] = (x[start + together[i]!]! - mean) / deviation;
    }
  }
  roundShortFloats(result);
  return [result];
};

export const RESPONSE_NORMALISATION_KERNELS: readonly (readonly [string, Kernel])[] = [
  ['LRN', lrnKernel],
  ['MeanVarianceNormalization', meanVarianceKernel],
];
