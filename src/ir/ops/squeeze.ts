import { formatShape, isStatic, type Dim } from '../shape.js';
import { checkedAxes, checkRank, freshShape, integerList, isPresent, type IntegerList } from './facts.js';
import { operator, OperatorFault, required, type InferenceCall, type Operator } from './operator.js';

/** The result's shape when only the number of axes is known. */
function shapeOfRank(call: InferenceCall, axes: IntegerList, sign: 1 | -1): Dim[] {
  const { shape } = required(call, 0).type;
  if (typeof axes.length === 'number') {
    const rank = shape.length + sign * axes.length;
    if (rank >= 0) return freshShape(call, rank);
    throw new OperatorFault(
      'shape-mismatch',
      `${call.op} removes ${axes.length} axes from ${formatShape(shape)}, which has ${shape.length}`,
    );
  }
  throw new OperatorFault(
    'dynamic-shape',
    `the number of axes that ${call.op} gives is known only once the graph runs`,
    'give the axes as a constant',
  );
}

/** Squeeze: drops the axes of size 1 that input 1 names, all of them when it is left out. */
export const squeeze: Operator = operator({
  name: 'Squeeze',
  since: 13,
  inputs: [1, 2],
  infer(call) {
    const { type, contents } = required(call, 0);
    const { shape } = type;
    if (!isPresent(call.inputs[1])) {
      if (!isStatic(shape)) {
        throw new OperatorFault(
          'dynamic-shape',
          `Squeeze without axes of ${formatShape(shape)} gives a number of axes that the sizes decide`,
          'give the axes as a constant, or fix the sizes of the graph inputs',
        );
      }
      return [{ type: { ...type, shape: shape.filter((dim) => dim !== 1) }, contents }];
    }
    const list = integerList(call, 1, call.inputs[1]);
    const axes = list.values && checkedAxes(call, list.values, shape.length);
    if (axes === undefined) return [{ type: { ...type, shape: shapeOfRank(call, list, -1) }, contents }];
    for (const axis of axes) {
      const dim = shape[axis];
      if (typeof dim === 'number' && dim !== 1) {
        throw new OperatorFault(
          'shape-mismatch',
          `Squeeze drops axis ${axis} of ${formatShape(shape)}, which has size ${dim}; only size 1 can be dropped`,
        );
      }
    }
    return [{ type: { ...type, shape: shape.filter((_, axis) => !axes.includes(axis)) }, contents }];
  },
});

/** Unsqueeze: inserts axes of size 1 where input 1 says, counted in the result. */
export const unsqueeze: Operator = operator({
  name: 'Unsqueeze',
  since: 13,
  inputs: [2, 2],
  infer(call) {
    const { type, contents } = required(call, 0);
    const list = integerList(call, 1, required(call, 1));
    const rank = checkRank(call, type.shape.length + (list.values?.length ?? 0));
    const axes = list.values && checkedAxes(call, list.values, rank);
    if (axes === undefined) return [{ type: { ...type, shape: shapeOfRank(call, list, 1) }, contents }];
    const rest = type.shape.values();
    const shape = Array.from({ length: rank }, (_, axis): Dim => (axes.includes(axis) ? 1 : (rest.next().value ?? 1)));
    return [{ type: { ...type, shape }, contents }];
  },
});
