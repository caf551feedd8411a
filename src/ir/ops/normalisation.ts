import type { ValueType } from '../graph.js';
import { formatShape, type Shape } from '../shape.js';
import { checkChannelList } from './conv.js';
import { FLOAT_TYPES } from './element-types.js';
import { checkDType } from './elementwise-inference.js';
import { checkedAxes, checkedAxis } from './facts.js';
import { operator, OperatorFault, required, type InferenceCall, type Operator } from './operator.js';
import { unifyDims } from './symbolic.js';

/** @throws OperatorFault unless input 0 has at least `least` axes. */
function checkLeastRank(call: InferenceCall, shape: Shape, least: number): void {
  if (shape.length >= least) return;
  throw new OperatorFault(
    'shape-mismatch',
    `input 0 of ${call.op} has rank ${shape.length}, accepted: ${least} and above`,
  );
}

function checkFloat(call: InferenceCall, index: number): void {
  const { dtype } = required(call, index).type;
  if (FLOAT_TYPES.includes(dtype)) return;
  throw new OperatorFault(
    'unsupported-type',
    `input ${index} of ${call.op} is ${dtype}, accepted: ${FLOAT_TYPES.join(', ')}`,
  );
}

/**
 * (x - mean) / sqrt(variance + epsilon) · scale + bias with one of each a channel (ONNX BatchNormalization). Data of
 * rank 1 have a single channel. Training, which takes the statistics from the batch, is refused. Attribute
 * `training_mode` asks for opset 14.
 */
export const batchNormalization: Operator = operator({
  name: 'BatchNormalization',
  since: 9,
  inputs: [5, 5],
  outputs: [1, 3],
  attributes: { epsilon: { kind: 'float' }, momentum: { kind: 'float' }, training_mode: { kind: 'int' } },
  types: FLOAT_TYPES,
  infer(call) {
    const { type } = required(call, 0);
    checkLeastRank(call, type.shape, 1);
    if (call.attrs.int('training_mode', 0) !== 0) {
      throw new OperatorFault(
        'unsupported-attribute',
        'attribute training_mode of BatchNormalization is 1, accepted: 0, with which the running statistics apply',
        'export the model in evaluation mode',
      );
    }
    if (call.outputCount > 1) {
      throw new OperatorFault(
        'invalid-output',
        `BatchNormalization has ${call.outputCount} outputs, but only training gives more than 1`,
        'export the model in evaluation mode',
      );
    }
    const channels = type.shape.length === 1 ? 1 : (type.shape[1] ?? 1);
    for (const [offset, what] of ['scale', 'bias', 'mean', 'variance'].entries()) {
      checkFloat(call, offset + 1);
      checkChannelList(call, what, required(call, offset + 1).type.shape, channels);
    }
    return [{ type }];
  },
});

/** Checks the scale and bias, one of each a channel, of an operator on [N, C, ...]. */
function checkScaleAndBias(call: InferenceCall): void {
  const { dtype, shape } = required(call, 0).type;
  for (const [index, what] of [
    [1, 'scale'],
    [2, 'bias'],
  ] as const) {
    const facts = required(call, index);
    checkDType(call, index, facts, dtype);
    checkChannelList(call, what, facts.type.shape, shape[1] ?? 1);
  }
}

/** Each channel of each sample less its mean, by its deviation, · scale + bias (ONNX InstanceNormalization). */
export const instanceNormalization: Operator = operator({
  name: 'InstanceNormalization',
  since: 6,
  inputs: [3, 3],
  attributes: { epsilon: { kind: 'float' } },
  types: FLOAT_TYPES,
  infer(call) {
    const { type } = required(call, 0);
    checkLeastRank(call, type.shape, 3);
    checkScaleAndBias(call);
    return [{ type }];
  },
});

/** Groups of channels of each sample less their mean, by their deviation, · scale + bias (ONNX GroupNormalization). */
export const groupNormalization: Operator = operator({
  name: 'GroupNormalization',
  since: 21,
  inputs: [3, 3],
  attributes: {
    epsilon: { kind: 'float' },
    num_groups: { kind: 'int', required: true },
    stash_type: { kind: 'int', oneOf: [1, 11] },
  },
  types: FLOAT_TYPES,
  infer(call) {
    const { type } = required(call, 0);
    checkLeastRank(call, type.shape, 3);
    checkScaleAndBias(call);
    const groups = call.attrs.int('num_groups');
    const [, channels = 1] = type.shape;
    if (groups < 1 || (typeof channels === 'number' && channels % groups !== 0)) {
      throw new OperatorFault(
        'invalid-attribute',
        `attribute num_groups of GroupNormalization is ${groups}, divisors of its ${channels} channels are accepted`,
      );
    }
    return [{ type }];
  },
});

/** @throws OperatorFault when the input is there and does not broadcast to the data or has another type. */
function checkBroadcasts(call: InferenceCall, index: number, what: string): void {
  const facts = call.inputs[index];
  if (facts === undefined) return;
  const { dtype, shape } = required(call, 0).type;
  checkDType(call, index, facts, dtype);
  const other = facts.type.shape;
  const shift = shape.length - other.length;
  const fits = shift >= 0 && other.every((dim, i) => dim === 1 || unifyDims(dim, shape[i + shift] ?? 1) !== undefined);
  if (fits) return;
  throw new OperatorFault(
    'shape-mismatch',
    `the ${what} of ${call.op} has shape ${formatShape(other)}, which does not broadcast to the data ${formatShape(shape)}`,
  );
}

/**
 * The elements from `axis` on less their mean, by their deviation, · scale + bias, both of which broadcast; results 1
 * and 2 are the mean and the inverse deviation (ONNX LayerNormalization).
 */
export const layerNormalization: Operator = operator({
  name: 'LayerNormalization',
  since: 17,
  inputs: [2, 3],
  outputs: [1, 3],
  attributes: { axis: { kind: 'int' }, epsilon: { kind: 'float' }, stash_type: { kind: 'int', oneOf: [1] } },
  types: FLOAT_TYPES,
  infer(call) {
    const { dtype, shape } = required(call, 0).type;
    const axis = checkedAxis(call, call.attrs.int('axis', -1), shape.length);
    checkBroadcasts(call, 1, 'scale');
    checkBroadcasts(call, 2, 'bias');
    const statistics: ValueType = { dtype: 'float32', shape: shape.map((dim, i) => (i < axis ? dim : 1)) };
    return [{ type: { dtype, shape } }, { type: statistics }, { type: statistics }].slice(0, call.outputCount);
  },
});

/** The elements from `axis` on by the root of their mean square, · scale, which broadcasts (ONNX RMSNormalization). */
export const rmsNormalization: Operator = operator({
  name: 'RMSNormalization',
  since: 23,
  inputs: [2, 2],
  attributes: { axis: { kind: 'int' }, epsilon: { kind: 'float' }, stash_type: { kind: 'int', oneOf: [1] } },
  types: FLOAT_TYPES,
  infer(call) {
    const { type } = required(call, 0);
    checkedAxis(call, call.attrs.int('axis', -1), type.shape.length);
    checkBroadcasts(call, 1, 'scale');
    return [{ type }];
  },
});

/** Lines along `axis` by their norm of order p; those of norm 0 stay (ONNX LpNormalization). */
export const lpNormalization: Operator = operator({
  name: 'LpNormalization',
  since: 1,
  inputs: [1, 1],
  attributes: { axis: { kind: 'int' }, p: { kind: 'int', oneOf: [1, 2] } },
  types: FLOAT_TYPES,
  infer(call) {
    const { type } = required(call, 0);
    checkedAxis(call, call.attrs.int('axis', -1), type.shape.length);
    return [{ type }];
  },
});

/**
 * x / (bias + alpha / size · sum of squares)^beta over `size` neighbouring channels, of which (size - 1) / 2, rounded
 * down, come before the element's own (ONNX LRN).
 */
export const lrn: Operator = operator({
  name: 'LRN',
  since: 1,
  inputs: [1, 1],
  attributes: {
    alpha: { kind: 'float' },
    beta: { kind: 'float' },
    bias: { kind: 'float' },
    size: { kind: 'int', required: true },
  },
  types: FLOAT_TYPES,
  infer(call) {
    const { type } = required(call, 0);
    checkLeastRank(call, type.shape, 2);
    const size = call.attrs.int('size');
    if (size < 1)
      throw new OperatorFault('invalid-attribute', `attribute size of LRN is ${size}, accepted: 1 and above`);
    return [{ type }];
  },
});

/** The data less their mean, by their deviation over `axes`, 0, 2 and 3 unless given (ONNX MeanVarianceNormalization). */
export const meanVarianceNormalization: Operator = operator({
  name: 'MeanVarianceNormalization',
  since: 9,
  inputs: [1, 1],
  attributes: { axes: { kind: 'ints' } },
  types: FLOAT_TYPES,
  infer(call) {
    const { type } = required(call, 0);
    checkedAxes(call, call.attrs.ints('axes', [0, 2, 3]), type.shape.length);
    return [{ type }];
  },
});
