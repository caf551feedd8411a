import type { DType } from '../dtype.js';
import { formatShape, type Dim, type Shape } from '../shape.js';
import { FLOAT_TYPES } from './element-types.js';
import {
  operator,
  OperatorFault,
  required,
  type AttributeSpec,
  type InferenceCall,
  type Operator,
  type ResultFacts,
} from './operator.js';
import {
  axisAttribute,
  checkSpatialRank,
  extentOf,
  slideShape,
  WINDOW_ATTRIBUTES,
  windowAttributes,
  type NodeFacts,
  type WindowAttributes,
} from './window.js';

export interface PoolFacts {
  readonly kernel: readonly number[];
  readonly window: WindowAttributes;
}

/**
 * Checks the attributes of a pool against data [N, C, ...].
 * @throws OperatorFault when they do not fit, or when a pad is so long that windows would see nothing but padding.
 */
export function poolFacts(node: NodeFacts, x: Shape): PoolFacts {
  const rank = checkSpatialRank(node, x);
  checkNotEmpty(node, x);
  const window = windowAttributes(node, rank);
  const kernel = axisAttribute(node, 'kernel_shape', rank, 1);
  if (kernel === undefined) {
    throw new OperatorFault(
      'invalid-attribute',
      `attribute kernel_shape of ${node.op} is empty, ${rank} sizes are accepted`,
    );
  }
  for (const [axis, size] of kernel.entries()) {
    const extent = extentOf(size, window.dilations[axis] ?? 1);
    const pad = Math.max(window.padsBegin[axis] ?? 0, window.padsEnd[axis] ?? 0);
    if (pad >= extent) {
      throw new OperatorFault(
        'invalid-attribute',
        `a pad of ${node.op} on spatial axis ${axis} is ${pad}, less than the window's length ${extent} is accepted`,
      );
    }
  }
  return { kernel, window };
}

/** @throws OperatorFault when a spatial axis is known to hold nothing to pool. */
function checkNotEmpty(node: NodeFacts, x: Shape): void {
  if (!x.slice(2).includes(0)) return;
  throw new OperatorFault('shape-mismatch', `${node.op} of ${formatShape(x)} has no elements to pool`);
}

function poolShape(call: InferenceCall, x: Shape): Dim[] {
  const { kernel, window } = poolFacts(call, x);
  return [...x.slice(0, 2), ...slideShape(call, window, x.slice(2), kernel, call.freshDim)];
}

const POOL_ATTRIBUTES: Readonly<Record<string, AttributeSpec>> = {
  ...WINDOW_ATTRIBUTES,
  kernel_shape: { kind: 'ints', required: true },
  ceil_mode: { kind: 'int', oneOf: [0, 1] },
};

/** Largest element of each window of [N, C, 1 to 3 spatial axes] and, on request, where it lies (ONNX MaxPool). */
export const maxPool: Operator = operator({
  name: 'MaxPool',
  since: 10,
  inputs: [1, 1],
  outputs: [1, 2],
  attributes: { ...POOL_ATTRIBUTES, storage_order: { kind: 'int', oneOf: [0, 1] } },
  types: [...FLOAT_TYPES, 'int8', 'uint8'],
  infer(call) {
    const { dtype, shape: x } = required(call, 0).type;
    const shape = poolShape(call, x);
    const results: ResultFacts[] = [{ type: { dtype, shape } }, { type: { dtype: 'int64', shape } }];
    return results.slice(0, call.outputCount);
  },
});

/**
 * Mean of each window of [N, C, 1 to 3 spatial axes] (ONNX AveragePool). Attribute `dilations` asks for opset 19.
 */
export const averagePool: Operator = operator({
  name: 'AveragePool',
  since: 10,
  inputs: [1, 1],
  attributes: { ...POOL_ATTRIBUTES, count_include_pad: { kind: 'int', oneOf: [0, 1] } },
  types: FLOAT_TYPES,
  infer(call) {
    const { dtype, shape } = required(call, 0).type;
    return [{ type: { dtype, shape: poolShape(call, shape) } }];
  },
});

/** The `p`-norm of each window (ONNX LpPool). Attributes `dilations` and `ceil_mode` ask for opset 18. */
export const lpPool: Operator = operator({
  name: 'LpPool',
  since: 2,
  inputs: [1, 1],
  attributes: { ...POOL_ATTRIBUTES, p: { kind: 'int' } },
  types: FLOAT_TYPES,
  infer(call) {
    const { dtype, shape } = required(call, 0).type;
    const p = call.attrs.int('p', 2);
    if (p < 1) throw new OperatorFault('invalid-attribute', `attribute p of LpPool is ${p}, accepted: 1 and above`);
    return [{ type: { dtype, shape: poolShape(call, shape) } }];
  },
});

const globalPool = (name: string, types: readonly DType[]): Operator =>
  operator({
    name,
    since: 1,
    inputs: [1, 1],
    types,
    infer(call) {
      const { dtype, shape: x } = required(call, 0).type;
      if (x.length < 3) {
        throw new OperatorFault('shape-mismatch', `input 0 of ${name} has rank ${x.length}, accepted: 3 and above`);
      }
      checkNotEmpty(call, x);
      return [{ type: { dtype, shape: x.map((dim, axis) => (axis < 2 ? dim : 1)) } }];
    },
  });

/** Mean over all spatial axes, which stay with size 1 (ONNX GlobalAveragePool). */
export const globalAveragePool: Operator = globalPool('GlobalAveragePool', FLOAT_TYPES);

/** Maximum over all spatial axes, which stay with size 1 (ONNX GlobalMaxPool, and of bytes as MaxPool has them). */
export const globalMaxPool: Operator = globalPool('GlobalMaxPool', [...FLOAT_TYPES, 'int8', 'uint8']);
