import { layerNormalization, rmsNormalization } from '../../ir/ops/normalisation.js';
import type { Operator } from '../../ir/ops/operator.js';
import { normaliseAxis, sizeOf } from '../../ir/shape.js';
import type { Kernel } from '../kernel.js';
import { broadcastOffsets } from './grid-offsets.js';
import { numbersOf, roundShortFloats } from './buffers.js';
import { meanOf } from './global-pool.js';
import { varianceOf } from './normalisation.js';
import { planned } from './plan.js';
import { present, resolveDims } from './resolve.js';

interface LayerNormalizationPlan {
  readonly statistics: readonly number[];
  /** Elements of one row, which are normalised together. */
  readonly size: number;
  /** Where scale and bias lie for each element of a row, or of the whole tensor when they vary from row to row. */
  readonly scale: Int32Array;
  readonly bias: Int32Array;
}

const planOf = (spec: Operator): ReturnType<typeof planned<LayerNormalizationPlan>> =>
  planned((node, inputs): LayerNormalizationPlan => {
    resolveDims(spec, node, inputs);
    const { dims } = present(inputs, 0);
    const axis = normaliseAxis(node.attrs.int('axis', -1), dims.length) ?? 0;
    const rowDims = dims.slice(axis);
    const table = (own: readonly number[]): Int32Array => {
      const extra = Math.max(own.length - rowDims.length, 0);
      const varies = own.slice(0, extra).some((dim) => dim !== 1);
      return varies ? broadcastOffsets(own, dims) : broadcastOffsets(own.slice(extra), rowDims);
    };
    return {
      statistics: dims.map((dim, i) => (i < axis ? dim : 1)),
      size: sizeOf(rowDims),
      scale: table(present(inputs, 1).dims),
      bias: table(inputs[2]?.dims ?? []),
    };
  });

const planLayerNormalization = planOf(layerNormalization);
const planRmsNormalization = planOf(rmsNormalization);

const NONE = new Float32Array(1);

const kernel: Kernel = (node, inputs, arena) => {
  const plan = planLayerNormalization(node, inputs);
  const { size, statistics } = plan;
  const epsilon = node.attrs.float('epsilon', 1e-5);
  const tensor = present(inputs, 0);
  const result = arena.tensor(tensor.dtype, tensor.dims);
  const means = arena.tensor('float32', statistics);
  const inverses = arena.tensor('float32', statistics);
  const x = numbersOf(tensor);
  const y = numbersOf(result);
  const scale = numbersOf(present(inputs, 1));
  const bias = inputs[2] === undefined ? NONE : numbersOf(inputs[2]);
  for (let row = 0; row < means.data.length; row++) {
    const from = row * size;
    const mean = meanOf(x, from, size);
    const inverse = 1 / Math.sqrt(varianceOf(x, from, size, mean) + epsilon);
    const scaleFrom = plan.scale.length === size ? 0 : from;
    const biasFrom = plan.bias.length === size ? 0 : from;
    for (let i = 0; i < size; i++) {
      const factor = inverse * scale[plan.scale[scaleFrom + i]!]!;
      y[from + i] = (x[from + i]! - mean) * factor + bias[plan.bias[biasFrom + i]!]!;
    }
    means.data[row] = mean;
    inverses.data[row] = inverse;
  }
  roundShortFloats(result);
  return [result, means, inverses].slice(0, node.outputs.length);
};

const rmsKernel: Kernel = (node, inputs, arena) => {
  const plan = planRmsNormalization(node, inputs);
  const { size } = plan;
  const epsilon = node.attrs.float('epsilon', 1e-5);
  const tensor = present(inputs, 0);
  const result = arena.tensor(tensor.dtype, tensor.dims);
  const x = numbersOf(tensor);
  const y = numbersOf(result);
  const scale = numbersOf(present(inputs, 1));
  for (let from = 0; from < y.length; from += size) {
    const inverse = 1 / Math.sqrt(varianceOf(x, from, size, 0) + epsilon);
    const scaleFrom = plan.scale.length === size ? 0 : from;
    for (let i = 0; i < size; i++) y[from + i] = x[from + i]! * inverse * scale[plan.scale[scaleFrom + i]!]!;
  }
  roundShortFloats(result);
  return [result];
};

export const LAYER_NORMALISATION_KERNELS: readonly (readonly [string, Kernel])[] = [
  ['LayerNormalization', kernel],
  ['RMSNormalization', rmsKernel],
];
