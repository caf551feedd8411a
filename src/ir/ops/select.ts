import { isFloat } from '../dtype.js';
import { formatShape } from '../shape.js';
import { checkedAxis, checkIndexType, checkInputRank, integersOf } from './facts.js';
import { operator, OperatorFault, required, type Operator } from './operator.js';
import { unifyDims } from './symbolic.js';

/** Trilu: keeps the upper (`upper` = 1) or lower triangle of the last two axes from diagonal k on, zeros elsewhere. */
export const trilu: Operator = operator({
  name: 'Trilu',
  since: 14,
  inputs: [1, 2],
  attributes: { upper: { kind: 'int', oneOf: [0, 1] } },
  infer(call) {
    const { type } = required(call, 0);
    if (type.shape.length < 2) {
      throw new OperatorFault(
        'shape-mismatch',
        `Trilu of shape ${formatShape(type.shape)}, two or more axes are accepted`,
      );
    }
    const diagonal = call.inputs[1];
    if (diagonal !== undefined) {
      checkIndexType(call, 1, diagonal);
      if (diagonal.type.shape.some((dim) => dim !== 1)) {
        throw new OperatorFault(
          'shape-mismatch',
          `k of Trilu has shape ${formatShape(diagonal.type.shape)}, a scalar is accepted`,
        );
      }
    }
    return [{ type }];
  },
});

/** NonZero: [rank, count] coordinates of the elements that are not zero, in row-major order. */
export const nonZero: Operator = operator({
  name: 'NonZero',
  since: 9,
  inputs: [1, 1],
  infer(call) {
    const { shape } = required(call, 0).type;
    return [{ type: { dtype: 'int64', shape: [shape.length, call.freshDim()] } }];
  },
});

/** ReverseSequence: per batch element, the first `sequence_lens` entries along the time axis in reverse order. */
export const reverseSequence: Operator = operator({
  name: 'ReverseSequence',
  since: 10,
  inputs: [2, 2],
  attributes: { batch_axis: { kind: 'int', oneOf: [0, 1] }, time_axis: { kind: 'int', oneOf: [0, 1] } },
  infer(call) {
    const { type } = required(call, 0);
    const lengths = required(call, 1);
    const { shape } = type;
    if (shape.length < 2) {
      throw new OperatorFault(
        'shape-mismatch',
        `ReverseSequence of shape ${formatShape(shape)}, two or more axes are accepted`,
      );
    }
    const batch = call.attrs.int('batch_axis', 1);
    const time = call.attrs.int('time_axis', 0);
    if (batch === time) {
      throw new OperatorFault(
        'invalid-attribute',
        `batch_axis and time_axis of ReverseSequence are both ${batch}, they must differ`,
      );
    }
    checkIndexType(call, 1, lengths);
    checkInputRank(call, 1, lengths.type.shape, 1);
    if (unifyDims(lengths.type.shape[0] ?? 1, shape[batch] ?? 1) === undefined) {
      throw new OperatorFault(
        'shape-mismatch',
        `ReverseSequence has ${formatShape(lengths.type.shape)} lengths for a batch of ${shape[batch]}`,
      );
    }
    return [{ type }];
  },
});

/** OneHot: an axis of size `depth` holding values[1] where the index points and values[0] elsewhere. */
export const oneHot: Operator = operator({
  name: 'OneHot',
  since: 11,
  inputs: [3, 3],
  attributes: { axis: { kind: 'int' } },
  infer(call) {
    const { shape } = required(call, 0).type;
    const depth = required(call, 1);
    const values = required(call, 2).type;
    if (depth.type.shape.length > 1 || (depth.type.shape[0] ?? 1) !== 1) {
      throw new OperatorFault(
        'shape-mismatch',
        `depth of OneHot has shape ${formatShape(depth.type.shape)}, a scalar is accepted`,
      );
    }
    if (values.shape.length !== 1 || (values.shape[0] ?? 2) !== 2) {
      throw new OperatorFault(
        'shape-mismatch',
        `values of OneHot have shape ${formatShape(values.shape)}, two elements are accepted`,
      );
    }
    const axis = checkedAxis(call, call.attrs.int('axis', -1), shape.length + 1);
    const count = isFloat(depth.type.dtype) ? depth.constant?.toNumbers()[0] : integersOf(depth)?.[0];
    const size = typeof count === 'number' ? Math.trunc(count) : (count ?? call.freshDim());
    if (typeof size === 'number' && size < 1) {
      throw new OperatorFault('invalid-input', `depth of OneHot is ${size}, 1 or more is accepted`);
    }
    return [{ type: { dtype: values.dtype, shape: shape.toSpliced(axis, 0, size) } }];
  },
});
