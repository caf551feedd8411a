import type { NumberArray } from '../../ir/dtype.js';
import type { Node } from '../../ir/graph.js';
import { batchNormalization, groupNormalization, instanceNormalization } from '../../ir/ops/normalisation.js';
import type { Operator } from '../../ir/ops/operator.js';
import { sizeOf } from '../../ir/shape.js';
import type { Tensor } from '../../ir/tensor.js';
import type { Kernel } from '../kernel.js';
import { numbersOf, roundShortFloats } from './buffers.js';
import { meanOf } from './global-pool.js';
import { planned, type Inputs } from './plan.js';
import { present, resolveDims } from './resolve.js';

/** Checks the sizes of a node once for all runs in which they are the same. */
export const checkedDims = (spec: Operator): ((node: Node, inputs: Inputs) => readonly (readonly number[])[]) =>
  planned((node, inputs) => resolveDims(spec, node, inputs));

/** y = factor · x + shift for `size` elements from `from` on. */
function affine(x: NumberArray, y: NumberArray, from: number, size: number, factor: number, shift: number): void {
  const end = from + size;
  for (let i = from; i < end; i++) y[i] = x[i]! * factor + shift;
}

/** Mean of the squared distances from `mean`. */
export function varianceOf(x: NumberArray, from: number, size: number, mean: number): number {
  let sum = 0;
  for (let i = from; i < from + size; i++) {
    const distance = x[i]! - mean;
    sum += distance * distance;
  }
  return sum / size;
}

const checkBatchNormalization = checkedDims(batchNormalization);

/** Factor and shift of a channel are float64. */
const batchNormalizationKernel: Kernel = (node, inputs, arena) => {
  checkBatchNormalization(node, inputs);
  const epsilon = node.attrs.float('epsilon', 1e-5);
  const tensor = present(inputs, 0);
  const result = arena.tensor(tensor.dtype, tensor.dims);
  const [x, scale, bias, mean, variance] = [0, 1, 2, 3, 4].map((index) => numbersOf(present(inputs, index)));
  const y = numbersOf(result);
  const channels = scale!.length;
  const size = sizeOf(tensor.dims.slice(tensor.rank === 1 ? 0 : 2));
  for (let channel = 0; channel < channels; channel++) {
    const factor = scale![channel]! / Math.sqrt(variance![channel]! + epsilon);
    const shift = bias![channel]! - mean![channel]! * factor;
    for (let from = channel * size; from < y.length; from += channels * size) affine(x!, y, from, size, factor, shift);
  }
  roundShortFloats(result);
  return [result];
};

/** Normalises each of as many equal groups of channels as a sample has, then scales each channel. */
function normaliseGroups(tensor: Tensor, result: Tensor, groups: number, epsilon: number, factors: Inputs): void {
  const x = numbersOf(tensor);
  const y = numbersOf(result);
  const scale = numbersOf(present(factors, 1));
  const bias = numbersOf(present(factors, 2));
  const perGroup = scale.length / groups;
  const size = sizeOf(tensor.dims.slice(2));
  const groupSize = perGroup * size;
  for (let from = 0, group = 0; from < y.length; from += groupSize, group = (group + 1) % groups) {
    const mean = meanOf(x, from, groupSize);
    const inverse = 1 / Math.sqrt(varianceOf(x, from, groupSize, mean) + epsilon);
    for (let i = 0; i < perGroup; i++) {
      const factor = scale[group * perGroup + i]! * inverse;
      affine(x, y, from + i * size, size, factor, bias[group * perGroup + i]! - mean * factor);
    }
  }
  roundShortFloats(result);
}

const checkInstanceNormalization = checkedDims(instanceNormalization);

const instanceNormalizationKernel: Kernel = (node, inputs, arena) => {
  checkInstanceNormalization(node, inputs);
  const x = present(inputs, 0);
  const y = arena.tensor(x.dtype, x.dims);
  normaliseGroups(x, y, x.dims[1]!, node.attrs.float('epsilon', 1e-5), inputs);
  return [y];
};

const checkGroupNormalization = checkedDims(groupNormalization);

const groupNormalizationKernel: Kernel = (node, inputs, arena) => {
  checkGroupNormalization(node, inputs);
  const x = present(inputs, 0);
  const y = arena.tensor(x.dtype, x.dims);
  normaliseGroups(x, y, node.attrs.int('num_groups'), node.attrs.float('epsilon', 1e-5), inputs);
  return [y];
};

export const NORMALISATION_KERNELS: readonly (readonly [string, Kernel])[] = [
  ['BatchNormalization', batchNormalizationKernel],
  ['InstanceNormalization', instanceNormalizationKernel],
  ['GroupNormalization', groupNormalizationKernel],
];
