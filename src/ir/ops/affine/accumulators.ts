import type { Dim } from '../../shape.js';
import { convTransposeFacts, transposedShape } from '../conv-transpose.js';
import { convFacts } from '../conv.js';
import { productShape } from '../matmul.js';
import { operator, OperatorFault, type InferenceCall, type InputFacts, type Operator } from '../operator.js';
import { slideShape, WINDOW_ATTRIBUTES } from '../window.js';
import { accumulatorType, checkOneOrEach, checkZeroPoint, operand, typed } from './operands.js';

/** x, w, their zero points, and a bias in units of the accumulator. */
const accumulator = (spec: Pick<Operator, 'name' | 'attributes' | 'infer'>): Operator =>
  operator({ ...spec, domain: 'qa', since: 1, inputs: [4, 5] });

function biasOf(call: InferenceCall, channels: Dim): InputFacts | undefined {
  if (call.inputs[4] === undefined) return undefined;
  const bias = typed(call, 4, ['int32']);
  checkOneOrEach(call, 4, bias.type.shape, channels);
  return bias;
}

const product = (sizes: readonly Dim[]): Dim =>
  sizes.every((size) => typeof size === 'number') ? sizes.reduce((all, size) => all * size, 1) : '?';

/**
 * Σ (w − w_zero) · (x − x_zero) + bias over a window, exact: x [N, C, 1 to 3 axes], w [M, C / group, ...] with a scalar
 * zero point or one a filter, int32 bias [M]. Padding counts as the zero point. Attributes are those of ONNX Conv.
 */
export const conv: Operator = accumulator({
  name: 'Conv',
  attributes: { ...WINDOW_ATTRIBUTES, group: { kind: 'int' } },
  infer(call) {
    const x = operand(call, 0);
    const w = operand(call, 1);
    const [batch = 1, ...others] = x.type.shape;
    const [filters = 1, perGroup = 1] = w.type.shape;
    const { kernel, window } = convFacts(call, x.type.shape, w.type.shape);
    checkZeroPoint(call, 2, 0);
    checkZeroPoint(call, 3, 1, filters);
    const shape = [batch, filters, ...slideShape(call, window, others.slice(1), kernel, call.freshDim)];
    const dtype = accumulatorType(x, w, product([perGroup, ...kernel]), biasOf(call, filters));
    return [{ type: { dtype, shape } }];
  },
});

/**
 * The same as a transposed convolution: w [C, M / group, ...], whose zero point is a scalar or has one entry for each of
 * M / group. Attributes are those of ONNX ConvTranspose.
 */
export const convTranspose: Operator = accumulator({
  name: 'ConvTranspose',
  attributes: {
    ...WINDOW_ATTRIBUTES,
    group: { kind: 'int' },
    output_padding: { kind: 'ints' },
    output_shape: { kind: 'ints' },
  },
  infer(call) {
    const x = operand(call, 0);
    const w = operand(call, 1);
    checkZeroPoint(call, 2, 0);
    checkZeroPoint(call, 3, 1, w.type.shape[1] ?? 1);
    const shape = transposedShape(call, x.type.shape, w.type.shape);
    const { kernel } = convTransposeFacts(call, x.type.shape, w.type.shape);
    const dtype = accumulatorType(x, w, product([w.type.shape[0] ?? 1, ...kernel]), biasOf(call, shape[1] ?? 1));
    return [{ type: { dtype, shape } }];
  },
});

/**
 * (a − a_zero) · (b − b_zero) + bias, exact, for matrices that broadcast as those of ONNX MatMul; b_zero is a scalar or
 * has one entry a column of b, as the int32 bias has.
 */
export const matMul: Operator = accumulator({
  name: 'MatMul',
  attributes: {},
  infer(call) {
    const a = operand(call, 0);
    const b = operand(call, 1);
    for (const [index, { type }] of [a, b].entries()) {
      if (type.shape.length >= 2) continue;
      throw new OperatorFault('shape-mismatch', `input ${index} of ${call.op} is no matrix`);
    }
    const shape = productShape(call, a.type.shape, b.type.shape);
    const columns = b.type.shape.at(-1) ?? 1;
    checkZeroPoint(call, 2, 0);
    checkZeroPoint(call, 3, 1, columns);
    const depth = [a.type.shape.at(-1), b.type.shape.at(-2)].find((dim) => typeof dim === 'number') ?? '?';
    return [{ type: { dtype: accumulatorType(a, b, depth, biasOf(call, columns)), shape } }];
  },
});

export const ACCUMULATORS: readonly Operator[] = [conv, convTranspose, matMul];
