import { formatShape, type Dim } from '../shape.js';
import { checkedAxes, integerList, isPresent } from './facts.js';
import { operator, OperatorFault, required, type Operator } from './operator.js';

/** Bounds from here on stand for "to the end" in models, whatever the size: INT32_MAX, INT64_MAX and their negatives. */
const TO_THE_END = 2 ** 31 - 1;

/** A walk along one axis: `count` elements from `start` in strides of `step`. */
export interface AxisSlice {
  readonly start: number;
  readonly step: number;
  readonly count: number;
}

/** Slice bounds of a known size, clamped as the operator text of Slice lays down. */
export function resolveSlice(size: number, start: number, end: number, step: number): AxisSlice {
  const low = step > 0 ? 0 : -1;
  const high = step > 0 ? size : size - 1;
  const from = Math.min(Math.max(start < 0 ? start + size : start, Math.max(low, 0)), high);
  const to = Math.min(Math.max(end < 0 ? end + size : end, low), high);
  return { start: from, step, count: Math.max(0, Math.ceil((to - from) / step)) };
}

/** The size of a slice of one axis, where it follows; a symbol stands for a size above zero. */
function slicedDim(size: Dim, start: Dim, end: Dim, step: Dim): Dim | undefined {
  if (step === 0 || typeof step === 'string') return undefined;
  if (typeof size === 'number') {
    if (typeof start === 'string' || typeof end === 'string') return undefined;
    return resolveSlice(size, start, end, step).count;
  }
  const toEnd = end === size || (typeof end === 'number' && end >= TO_THE_END);
  if (step === 1) {
    if (start === 0) return toEnd ? size : end === 1 ? 1 : undefined;
    if (start === -1 && toEnd) return 1;
  }
  const fromLast = start === -1 || (typeof start === 'number' && start >= TO_THE_END);
  if (step === -1 && fromLast && typeof end === 'number' && end <= -TO_THE_END) return size;
  if (typeof start === 'number' && typeof end === 'number' && start >= 0 === end >= 0) {
    if (step > 0 ? end <= start : end >= start) return 0;
  }
  return undefined;
}

/** Slice: input[start : end : step] along the axes of input 3, along the leading ones when it is left out. */
export const slice: Operator = operator({
  name: 'Slice',
  since: 11,
  inputs: [3, 5],
  optionalInputs: [3],
  infer(call) {
    const data = required(call, 0);
    const { shape } = data.type;
    const starts = integerList(call, 1, required(call, 1));
    const ends = integerList(call, 2, required(call, 2));
    const axisList = isPresent(call.inputs[3]) ? integerList(call, 3, call.inputs[3]) : undefined;
    const stepList = isPresent(call.inputs[4]) ? integerList(call, 4, call.inputs[4]) : undefined;
    const lengths = [starts, ends, axisList, stepList].filter((list) => list !== undefined).map((list) => list.length);
    const known = new Set(lengths.filter((length) => typeof length === 'number'));
    if (known.size > 1) {
      throw new OperatorFault(
        'shape-mismatch',
        `starts, ends, axes and steps of Slice have ${lengths.join(', ')} entries`,
      );
    }
    const [count] = known;
    if (count !== undefined && count > shape.length) {
      throw new OperatorFault(
        'shape-mismatch',
        `Slice of ${formatShape(shape)} names ${count} axes, it has ${shape.length}`,
      );
    }
    if (stepList?.values?.includes(0) === true) {
      throw new OperatorFault('invalid-input', 'a step of Slice is 0, any other integer is accepted');
    }
    const axes =
      axisList !== undefined
        ? axisList.values && checkedAxes(call, axisList.values, shape.length)
        : count !== undefined
          ? Array.from({ length: count }, (_, axis) => axis)
          : undefined;
    if (axes === undefined) return [{ type: { ...data.type, shape: shape.map(() => call.freshDim()) } }];
    const result: Dim[] = [...shape];
    for (const [i, axis] of axes.entries()) {
      const start = starts.values?.[i];
      const end = ends.values?.[i];
      const step = stepList === undefined ? 1 : stepList.values?.[i];
      const size = shape[axis];
      if (size === undefined) continue;
      const dim =
        start === undefined || end === undefined || step === undefined ? undefined : slicedDim(size, start, end, step);
      result[axis] = dim ?? call.freshDim();
    }
    const contents =
      shape.length === 1 && data.contents !== undefined
        ? slicedContents(
            data.contents,
            axes.length === 0,
            starts.values?.[0],
            ends.values?.[0],
            stepList?.values?.[0] ?? 1,
          )
        : undefined;
    return [{ type: { ...data.type, shape: result }, contents }];
  },
});

function slicedContents(
  contents: readonly Dim[],
  whole: boolean,
  start: Dim | undefined,
  end: Dim | undefined,
  step: Dim,
): Dim[] | undefined {
  if (whole) return [...contents];
  if (typeof start !== 'number' || typeof end !== 'number' || typeof step !== 'number') return undefined;
  const walk = resolveSlice(contents.length, start, end, step);
  return Array.from({ length: walk.count }, (_, i) => contents[walk.start + i * walk.step] ?? 0);
}
