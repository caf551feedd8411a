import { isStatic, type Dim } from '../shape.js';
import { boundedContents, checkedAxis, integerList, isPresent } from './facts.js';
import { operator, OperatorFault, required, type InferenceCall, type Operator } from './operator.js';
import { sumDims } from './symbolic.js';

function splitSizes(call: InferenceCall, size: Dim): Dim[] {
  const parts = call.outputCount;
  const list = isPresent(call.inputs[1]) ? integerList(call, 1, call.inputs[1]) : undefined;
  if (list !== undefined) {
    if (call.attrs.has('num_outputs')) {
      throw new OperatorFault('invalid-attribute', 'Split has both the input split and num_outputs, one is accepted');
    }
    if (typeof list.length === 'number' && list.length !== parts) {
      throw new OperatorFault('shape-mismatch', `Split lists ${list.length} sizes for ${parts} outputs`);
    }
    const { values } = list;
    if (values === undefined) return Array.from({ length: parts }, () => call.freshDim());
    if (values.some((value) => typeof value === 'number' && value < 0)) {
      throw new OperatorFault('invalid-input', `the sizes of Split are ${values.join(', ')}, 0 and above are accepted`);
    }
    const total = sumDims(values);
    if (typeof total === 'number' && typeof size === 'number' && total !== size) {
      throw new OperatorFault('shape-mismatch', `the sizes of Split add up to ${total}, but the axis has ${size}`);
    }
    return [...values];
  }
  const wanted = call.attrs.int('num_outputs', parts);
  if (wanted !== parts) {
    throw new OperatorFault('invalid-attribute', `num_outputs of Split is ${wanted}, but it has ${parts} outputs`);
  }
  if (parts === 1) return [size];
  if (typeof size === 'string') {
    const part = call.freshDim();
    return [...new Array<Dim>(parts - 1).fill(part), call.freshDim()];
  }
  const part = Math.ceil(size / parts);
  const last = size - part * (parts - 1);
  if (last < 0) {
    throw new OperatorFault('shape-mismatch', `Split cannot cut ${size} into ${parts} parts of ${part}`);
  }
  return [...new Array<Dim>(parts - 1).fill(part), last];
}

/** Split: cuts one axis into the sizes of input 1, or into `num_outputs` equal ones of which the last may be smaller. */
export const split: Operator = operator({
  name: 'Split',
  since: 13,
  inputs: [1, 2],
  outputs: [1, Infinity],
  attributes: { axis: { kind: 'int' }, num_outputs: { kind: 'int' } },
  infer(call) {
    const { type, contents } = required(call, 0);
    const axis = checkedAxis(call, call.attrs.int('axis', 0), type.shape.length);
    const sizes = splitSizes(call, type.shape[axis] ?? 1);
    let offset = 0;
    return sizes.map((size) => {
      const shape = type.shape.with(axis, size);
      const part =
        contents !== undefined && type.shape.length === 1 && isStatic(sizes) && typeof size === 'number'
          ? contents.slice(offset, offset + size)
          : undefined;
      if (typeof size === 'number') offset += size;
      return { type: { ...type, shape }, contents: boundedContents(part) };
    });
  },
});
