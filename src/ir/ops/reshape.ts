import { formatShape, type Dim, type Shape } from '../shape.js';
import { checkedAxis, checkRank, freshShape, integerList } from './facts.js';
import { operator, OperatorFault, required, type InferenceCall, type Operator } from './operator.js';
import { divideShapes, productDim } from './symbolic.js';

function invalidTarget(call: InferenceCall, target: Shape, why: string): OperatorFault {
  return new OperatorFault('invalid-input', `the shape of ${call.op} is [${target.join(', ')}]: ${why}`);
}

/** The result's sizes: 0 copies (unless `allowzero`), -1 takes what is left once equal symbols have cancelled. */
function targetShape(call: InferenceCall, input: Shape, target: Shape): Dim[] {
  const allowZero = call.attrs.int('allowzero', 0) === 1;
  const result: Dim[] = [];
  // Copied sizes stand on both sides of the division, so that -1 beside a copied 0 stays determined.
  const left: Dim[] = [...input];
  const taken: Dim[] = [];
  let free: number | undefined;
  for (const [i, wanted] of target.entries()) {
    if (wanted === -1) {
      if (free !== undefined) throw invalidTarget(call, target, 'only one size may be -1');
      free = i;
      result.push(-1);
    } else if (typeof wanted === 'number' && wanted < 0) {
      throw invalidTarget(call, target, 'sizes from -1 upwards are accepted');
    } else if (wanted === 0 && !allowZero) {
      const copied = input[i];
      if (copied === undefined) {
        throw invalidTarget(call, target, `0 copies a size, but the input ${formatShape(input)} has no axis ${i}`);
      }
      result.push(copied);
      left[i] = 1;
    } else {
      result.push(wanted);
      taken.push(wanted);
    }
  }
  if (free !== undefined && allowZero && target.includes(0)) {
    throw invalidTarget(call, target, 'with allowzero = 1, 0 and -1 cannot stand together');
  }
  if (free === undefined) {
    const quotient = divideShapes(left, taken);
    const bothEmpty = left.includes(0) && taken.includes(0);
    const uneven =
      quotient.kind === 'exact' ? typeof quotient.dim === 'number' && quotient.dim !== 1 : quotient.kind === 'none';
    if (uneven && !bothEmpty) throw mismatch(call, input, result);
    return result;
  }
  const quotient = divideShapes(left, taken);
  if (quotient.kind === 'none') throw mismatch(call, input, result);
  result[free] = quotient.kind === 'exact' ? quotient.dim : call.freshDim();
  return result;
}

const mismatch = (call: InferenceCall, input: Shape, result: Shape): OperatorFault =>
  new OperatorFault(
    'shape-mismatch',
    `${call.op} cannot turn ${formatShape(input)} into ${formatShape(result)}: the element counts differ`,
  );

/** Reshape: the same elements under the sizes that input 1 lists. */
export const reshape: Operator = operator({
  name: 'Reshape',
  since: 14,
  inputs: [2, 2],
  attributes: { allowzero: { kind: 'int', oneOf: [0, 1] } },
  infer(call) {
    const { type, contents } = required(call, 0);
    const target = integerList(call, 1, required(call, 1));
    let shape: readonly Dim[];
    if (target.values !== undefined) {
      checkRank(call, target.values.length);
      shape = targetShape(call, type.shape, target.values);
    } else if (typeof target.length === 'number') {
      shape = freshShape(call, target.length);
    } else {
      throw new OperatorFault(
        'dynamic-shape',
        `the number of axes that ${call.op} gives is known only once the graph runs`,
        'give the target shape as a constant, or fix the sizes of the graph inputs',
      );
    }
    return [{ type: { ...type, shape }, contents }];
  },
});

/** Flatten: a matrix of the sizes before and from `axis` on. */
export const flatten: Operator = operator({
  name: 'Flatten',
  since: 11,
  inputs: [1, 1],
  attributes: { axis: { kind: 'int' } },
  infer(call) {
    const { type, contents } = required(call, 0);
    const { shape } = type;
    const rank = shape.length;
    const wanted = call.attrs.int('axis', 1);
    // Unlike elsewhere, the end of the shape is a legal axis.
    const axis = wanted === rank ? rank : checkedAxis(call, wanted, rank);
    const parts = [shape.slice(0, axis), shape.slice(axis)];
    return [{ type: { ...type, shape: parts.map((part) => productDim(part) ?? call.freshDim()) }, contents }];
  },
});
