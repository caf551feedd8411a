import { formatShape, isStatic, normaliseAxis, type Dim, type Shape } from '../shape.js';
import { boundedContents, checkedAxis, checkIndexType } from './facts.js';
import { operator, OperatorFault, required, type InferenceCall, type InputFacts, type Operator } from './operator.js';
import { unifyDims } from './symbolic.js';

/** @throws OperatorFault when an index known beforehand lies outside the axis. */
function checkKnownIndices(call: InferenceCall, indices: InputFacts, size: Dim | undefined): void {
  if (typeof size !== 'number') return;
  for (const index of indices.contents ?? []) {
    if (typeof index === 'number' && normaliseAxis(index, size) === undefined) {
      throw new OperatorFault('invalid-input', `an index of ${call.op} is ${index}, accepted: ${-size} to ${size - 1}`);
    }
  }
}

/** Gather: result[…, indices, …] = data[…, index, …] along `axis`; negative indices count from the end. */
export const gather: Operator = operator({
  name: 'Gather',
  since: 11,
  inputs: [2, 2],
  attributes: { axis: { kind: 'int' } },
  infer(call) {
    const data = required(call, 0);
    const indices = required(call, 1);
    checkIndexType(call, 1, indices);
    const { shape } = data.type;
    const axis = checkedAxis(call, call.attrs.int('axis', 0), shape.length);
    checkKnownIndices(call, indices, shape[axis]);
    const result = [...shape.slice(0, axis), ...indices.type.shape, ...shape.slice(axis + 1)];
    const contents = shape.length === 1 ? gatheredContents(data.contents, indices.contents) : undefined;
    return [{ type: { ...data.type, shape: result }, contents: boundedContents(contents) }];
  },
});

function gatheredContents(data: Shape | undefined, indices: Shape | undefined): Dim[] | undefined {
  if (data === undefined || indices === undefined || !isStatic(indices)) return undefined;
  const picked = indices.map((index) => data.at(index));
  return picked.every((dim) => dim !== undefined) ? picked : undefined;
}

/** @throws OperatorFault unless `indices` fits into `data` along every axis but one. */
export function checkElementIndices(call: InferenceCall, data: Shape, indices: Shape, axis: number): void {
  const fits = indices.every((dim, i) => {
    const limit = data[i];
    return i === axis || typeof dim === 'string' || typeof limit === 'string' || limit === undefined || dim <= limit;
  });
  if (indices.length === data.length && fits) return;
  throw new OperatorFault(
    'shape-mismatch',
    `${call.op} has indices of shape ${formatShape(indices)} for data of shape ${formatShape(data)}; ` +
      `equal ranks and, off axis ${axis}, no larger sizes are accepted`,
  );
}

/** GatherElements: result has the shape of the indices, each of which replaces the coordinate along `axis`. */
export const gatherElements: Operator = operator({
  name: 'GatherElements',
  since: 11,
  inputs: [2, 2],
  attributes: { axis: { kind: 'int' } },
  infer(call) {
    const { type } = required(call, 0);
    const indices = required(call, 1);
    checkIndexType(call, 1, indices);
    const axis = checkedAxis(call, call.attrs.int('axis', 0), type.shape.length);
    checkElementIndices(call, type.shape, indices.type.shape, axis);
    checkKnownIndices(call, indices, type.shape[axis]);
    return [{ type: { ...type, shape: indices.type.shape } }];
  },
});

/**
 * How many leading axes of the data, after the batch axes, one index tuple selects: the last size of the indices.
 * @throws OperatorFault when that is unknown or more than the data have.
 */
export function tupleLength(call: InferenceCall, data: Shape, indices: Shape, batch: number): number {
  const length = indices.at(-1);
  if (typeof length === 'string') {
    throw new OperatorFault(
      'dynamic-shape',
      `the number of axes that ${call.op} indexes is known only once the graph runs`,
      'fix the last size of the indices',
    );
  }
  if (length !== undefined && length >= 0 && length <= data.length - batch) return length;
  throw new OperatorFault(
    'shape-mismatch',
    `${call.op} has indices of shape ${formatShape(indices)} for data of shape ${formatShape(data)}; ` +
      `a last size of 0 to ${data.length - batch} is accepted`,
  );
}

/** GatherND: the last axis of the indices holds tuples that select slices of the data; leading `batch_dims` axes run along. */
export const gatherND: Operator = operator({
  name: 'GatherND',
  since: 12,
  inputs: [2, 2],
  attributes: { batch_dims: { kind: 'int' } },
  infer(call) {
    const { type } = required(call, 0);
    const indices = required(call, 1);
    checkIndexType(call, 1, indices);
    const data = type.shape;
    const positions = indices.type.shape;
    const batch = call.attrs.int('batch_dims', 0);
    if (batch < 0 || batch >= Math.min(data.length, positions.length)) {
      throw new OperatorFault(
        'invalid-attribute',
        `batch_dims of GatherND is ${batch}, accepted: 0 to ${Math.min(data.length, positions.length) - 1}`,
      );
    }
    const tuple = tupleLength(call, data, positions, batch);
    const shared = data.slice(0, batch).map((dim, i) => unifyDims(dim, positions[i] ?? dim));
    if (!shared.every((dim) => dim !== undefined)) {
      throw new OperatorFault(
        'shape-mismatch',
        `GatherND has indices of shape ${formatShape(positions)} for data of shape ${formatShape(data)}; ` +
          `their first ${batch} sizes must agree`,
      );
    }
    return [{ type: { ...type, shape: [...shared, ...positions.slice(batch, -1), ...data.slice(batch + tuple)] } }];
  },
});
