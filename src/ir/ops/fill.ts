import { isInteger, type DType } from '../dtype.js';
import { formatShape, type Dim } from '../shape.js';
import { checkRank, freshShape, integerList, integersOf, MAX_CONTENTS } from './facts.js';
import { operator, OperatorFault, required, type InputFacts, type Operator } from './operator.js';

/** ConstantOfShape: the one element of `value` (float 0 by default) in the shape that input 0 lists. */
export const constantOfShape: Operator = operator({
  name: 'ConstantOfShape',
  since: 9,
  inputs: [1, 1],
  attributes: { value: { kind: 'tensor' } },
  infer(call) {
    const list = integerList(call, 0, required(call, 0));
    const value = call.attrs.has('value') ? call.attrs.tensor('value') : undefined;
    if (value !== undefined && value.size !== 1) {
      throw new OperatorFault(
        'invalid-attribute',
        `value of ConstantOfShape holds ${value.size} elements, one is accepted`,
      );
    }
    const dtype: DType = value?.dtype ?? 'float32';
    if (list.values === undefined) {
      if (typeof list.length === 'number') return [{ type: { dtype, shape: freshShape(call, list.length) } }];
      throw new OperatorFault(
        'dynamic-shape',
        'the number of axes that ConstantOfShape gives is known only once the graph runs',
        'give the shape as a constant, or fix the sizes of the graph inputs',
      );
    }
    const shape = list.values;
    checkRank(call, shape.length);
    if (shape.some((dim) => typeof dim === 'number' && dim < 0)) {
      throw new OperatorFault(
        'invalid-input',
        `the shape of ConstantOfShape is [${shape.join(', ')}], sizes from 0 upwards are accepted`,
      );
    }
    const size = shape.length === 0 ? 1 : shape[0];
    const [element] = value !== undefined && isInteger(dtype) ? value.toNumbers() : [];
    const contents =
      shape.length <= 1 && typeof size === 'number' && size <= MAX_CONTENTS && element !== undefined
        ? new Array<Dim>(size).fill(element)
        : undefined;
    return [{ type: { dtype, shape }, contents }];
  },
});

const RANGE_TYPES: readonly DType[] = ['float32', 'float64', 'float16', 'bfloat16', 'int16', 'int32', 'int64'];

/** The number an input of Range is known to hold. */
function knownNumber(facts: InputFacts): Dim | undefined {
  if (isInteger(facts.type.dtype)) return integersOf(facts)?.[0];
  return facts.constant?.toNumbers()[0];
}

/** How many elements Range gives: max(0, ⌈(limit - start) / delta⌉). */
export const rangeCount = (start: number, limit: number, delta: number): number =>
  Math.max(0, Math.ceil((limit - start) / delta));

/**
 * Range: start, start + delta, … up to but without limit; all three are scalars of one type. Floats of 16 bits are computed
 * in float32, which `stash_type` 1 asks for.
 */
export const range: Operator = operator({
  name: 'Range',
  since: 11,
  inputs: [3, 3],
  types: RANGE_TYPES,
  attributes: { stash_type: { kind: 'int', oneOf: [1] } },
  infer(call) {
    const bounds = [required(call, 0), required(call, 1), required(call, 2)];
    const dtype = required(call, 0).type.dtype;
    for (const [index, { type }] of bounds.entries()) {
      if (type.dtype !== dtype) {
        throw new OperatorFault(
          'unsupported-type',
          `input ${index} of Range is ${type.dtype}, input 0 is ${dtype}; they must agree`,
        );
      }
      if (type.shape.length > 1 || (type.shape[0] ?? 1) !== 1) {
        throw new OperatorFault(
          'shape-mismatch',
          `input ${index} of Range has shape ${formatShape(type.shape)}, a scalar is accepted`,
        );
      }
    }
    const [start, limit, delta] = bounds.map(knownNumber);
    if (delta === 0) throw new OperatorFault('invalid-input', 'delta of Range is 0, any other number is accepted');
    if (start === 0 && delta === 1 && typeof limit === 'string') return [{ type: { dtype, shape: [limit] } }];
    if (typeof start !== 'number' || typeof limit !== 'number' || typeof delta !== 'number') {
      return [{ type: { dtype, shape: [call.freshDim()] } }];
    }
    const count = rangeCount(start, limit, delta);
    if (!Number.isSafeInteger(count)) {
      throw new OperatorFault(
        'invalid-input',
        `Range from ${start} to ${limit} by ${delta} has no finite number of elements`,
      );
    }
    const contents =
      isInteger(dtype) && count <= MAX_CONTENTS
        ? Array.from({ length: count }, (_, i): Dim => start + i * delta)
        : undefined;
    return [{ type: { dtype, shape: [count] }, contents }];
  },
});
